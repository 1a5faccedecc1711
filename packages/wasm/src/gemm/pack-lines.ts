import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { i8x16, v128 } from '../encoder/simd.js';
import type { PackPanel, Panel, Panels } from './engine.js';
import { loadFloats } from './floats.js';

/** Element (line, step) of a matrix of floats is at base + line * lineBytes + step * depthBytes; one of the two is 4. */
export interface Lines {
  readonly base: Local;
  readonly lineBytes: number;
  readonly depthBytes: number;
}

/** What the panels of products, convolutions and attention have in common. */
type Packed = Pick<Panel, 'lines' | 'width'>;

/** Packs panels of a matrix in memory. */
export const packLines =
  (f: FunctionBuilder, lines: Lines): PackPanel =>
  ({ first, depthFrom, depth, to, ...packed }) => {
    const { base, lineBytes, depthBytes } = lines;
    const [from, at] = [f.i32(), f.i32()];
    const start = seq(
      from.set(
        i32.add(
          i32.add(base.get, i32.mul(first.get, i32.const(lineBytes))),
          i32.mul(depthFrom.get, i32.const(depthBytes)),
        ),
      ),
      at.set(to.get),
    );
    const walk = { ...packed, from, at, depth, ...lines };
    return seq(start, lineBytes === 4 ? copySteps(f, walk) : transposeSteps(f, walk));
  };

/** Packs panels of a matrix whose lines lie side by side, each row of which is then read in one piece. */
export const packLinesTogether =
  (f: FunctionBuilder, { base, depthBytes }: Omit<Lines, 'lineBytes'>) =>
  ({ first, panels, width, depthFrom, depth, to }: Panels): Code => {
    const [from, end] = [f.i32(), f.i32()];
    const places = Array.from({ length: panels }, () => f.i32());
    const panelBytes = i32.mul(depth.get, i32.const(4 * width));
    const start = places.map((place, p) =>
      place.set(p === 0 ? to.get : i32.add((places[p - 1] as Local).get, panelBytes)),
    );
    const step = places.flatMap((place, p) =>
      Array.from({ length: width / 4 }, (_, v) =>
        v128.store(place.get, v128.load(from.get, 4 * p * width + 16 * v), 16 * v),
      ),
    );
    const last = places[panels - 1] as Local;
    return seq(
      ...start,
      from.set(
        i32.add(
          i32.add(base.get, i32.shl(first.get, i32.const(2))),
          i32.mul(depthFrom.get, i32.const(depthBytes)),
        ),
      ),
      end.set(i32.add(last.get, panelBytes)),
      f.while(
        i32.ne(last.get, end.get),
        seq(
          ...step,
          from.increase(depthBytes),
          ...places.map((place) => place.increase(4 * width)),
        ),
      ),
    );
  };

interface Walk extends Packed, Lines {
  readonly from: Local;
  readonly at: Local;
  readonly depth: Local;
}

/** The elements of a step lie side by side already. */
function copySteps(f: FunctionBuilder, { lines, width, depthBytes, ...walk }: Walk): Code {
  const { from, at, depth } = walk;
  const end = f.i32();
  const vectors = Array.from({ length: Math.ceil(lines / 4) }, (_, v) =>
    v128.store(at.get, loadFloats(from.get, lines - 4 * v, 16 * v), 16 * v),
  );
  const step = seq(...vectors, from.increase(depthBytes), at.increase(4 * width));
  return seq(
    end.set(i32.add(at.get, i32.mul(depth.get, i32.const(4 * width)))),
    f.while(i32.ne(at.get, end.get), step),
  );
}

/** The steps of a line lie side by side: four lines and four steps at a time are transposed, and the last steps one by one. */
function transposeSteps(f: FunctionBuilder, walk: Walk): Code {
  const { lines, width, from, at, depth, lineBytes } = walk;
  const starts = Array.from({ length: Math.ceil(lines / 4) }, (_, group) => 4 * group);
  const groups = starts.map((start) => {
    const [x, y] = [f.i32(), f.i32()];
    const most = Math.min(4, width - start);
    const rows = Array.from({ length: most }, (_, i) => Math.min(start + i, lines - 1) * lineBytes);
    const whole = i32.and(depth.get, i32.const(-4));
    const [wholeEnd, end] = [f.i32(), f.i32()];
    const square = { x, y, rows, stepBytes: 4 * width };
    const transposed = seq(
      most === 4 ? transpose4x4(f, square) : spreadSteps(f, square),
      x.increase(16),
      y.increase(16 * width),
    );
    const single = seq(
      ...rows.map((offset, i) => f32.store(y.get, f32.load(x.get, offset), 4 * i)),
      x.increase(4),
      y.increase(4 * width),
    );
    const after = (steps: Code) => i32.add(y.get, i32.mul(steps, i32.const(4 * width)));
    return seq(
      x.set(from.get),
      y.set(i32.add(at.get, i32.const(4 * start))),
      wholeEnd.set(after(whole)),
      end.set(after(depth.get)),
      f.while(i32.ne(y.get, wholeEnd.get), transposed),
      f.while(i32.ne(y.get, end.get), single),
    );
  });
  return seq(...groups);
}

/** Four steps of fewer than four lines, which have no room for whole vectors. */
function spreadSteps(f: FunctionBuilder, { x, y, rows, stepBytes }: Square): Code {
  const steps = f.v128();
  const perLine = rows.map((offset, i) =>
    seq(
      steps.set(v128.load(x.get, offset)),
      ...[0, 1, 2, 3].map((step) =>
        v128.store32Lane(step, y.get, steps.get, step * stepBytes + 4 * i),
      ),
    ),
  );
  return seq(...perLine);
}

interface Square {
  readonly x: Local;
  readonly y: Local;
  /** Offsets of the lines from x. */
  readonly rows: readonly number[];
  /** From one step to the next at y. */
  readonly stepBytes: number;
}

const lanes = (...picked: readonly number[]): number[] =>
  picked.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);

function transpose4x4(f: FunctionBuilder, { x, y, rows, stepBytes }: Square): Code {
  const line = rows.map(() => f.v128());
  const [r0, r1, r2, r3] = line as [Local, Local, Local, Local];
  const pairs = Array.from({ length: 4 }, () => f.v128());
  const [low01, low23, high01, high23] = pairs as [Local, Local, Local, Local];
  const mix = (a: Local, b: Local, order: readonly number[]) =>
    i8x16.shuffle(a.get, b.get, lanes(...order));
  const halves = [
    mix(low01, low23, [0, 1, 4, 5]),
    mix(low01, low23, [2, 3, 6, 7]),
    mix(high01, high23, [0, 1, 4, 5]),
    mix(high01, high23, [2, 3, 6, 7]),
  ];
  return seq(
    ...line.map((local, i) => local.set(v128.load(x.get, rows[i] as number))),
    low01.set(mix(r0, r1, [0, 4, 1, 5])),
    low23.set(mix(r2, r3, [0, 4, 1, 5])),
    high01.set(mix(r0, r1, [2, 6, 3, 7])),
    high23.set(mix(r2, r3, [2, 6, 3, 7])),
    ...halves.map((half, i) => v128.store(y.get, half, i * stepBytes)),
  );
}
