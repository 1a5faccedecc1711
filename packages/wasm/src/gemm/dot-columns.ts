import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';
import { loadFloats } from './floats.js';
import { evenPanels, forPanels } from './panels.js';
import type { Range } from './sweep-blocks.js';
import type { Side, ThinProduct } from './thin-product.js';

/** Lines are shared in pieces that are whole numbers of groups and of vectors. */
export const dotUnit = 12;

/** Lines of `many` that are multiplied at once with 1, 2 or 3 of `few`: as many as there are registers for. */
const linesAtOnce = [6, 4, 3] as const;

/** Vectors of a single dot product that are summed apart, to hide the latency of multiply-add. */
const apart = 4;

/** Sums for lines whose own elements lie side by side: vectors along k, whose lanes are added at the end. */
export function dotColumns(k: KernelFunction, thin: ThinProduct, { from, to }: Range): Code {
  const { f } = k;
  const { fewLines, manyLines, few } = thin;
  const atOnce = linesAtOnce[fewLines - 1] as number;
  const packed = few.depth === 1 ? { setup: [], few } : packFew(k, thin);
  const pass = {
    groups: evenPanels(manyLines, atOnce),
    from: i32.divU(from.get, i32.const(atOnce)),
    to: f.i32(),
  };
  const panels = i32.divU(i32.add(to.get, i32.const(atOnce - 1)), i32.const(atOnce));
  return seq(
    packed.setup,
    pass.to.set(panels),
    forPanels(f, pass, (line, lines) => dots(k, { ...thin, few: packed.few }, { line, lines })),
  );
}

/** The few lines with their own elements side by side. */
function packFew(k: KernelFunction, { few, fewLines, k: depth }: ThinProduct) {
  const { f } = k;
  const [base, from, to] = [f.i32(), f.i32(), f.i32()];
  const moves = Array.from({ length: fewLines }, (_, i) =>
    f32.store(to.get, f32.load(from.get, 4 * i * few.line), 4 * i * depth),
  );
  const setup = seq(
    base.set(k.own(4 * fewLines * depth)),
    from.set(few.base.get),
    to.set(base.get),
    f.for({ to: i32.const(depth) }, () =>
      seq(...moves, from.increase(4 * few.depth), to.increase(4)),
    ),
  );
  return { setup, few: { base, line: depth, depth: 1 } satisfies Side };
}

interface Group {
  readonly line: Local;
  readonly lines: number;
}

function dots(k: KernelFunction, thin: ThinProduct, { line, lines }: Group): Code {
  const { f } = k;
  const { few, many, fewLines, k: depth, out } = thin;
  const [x, y, end, at] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const vectors = (count: number) => Array.from({ length: count }, () => f.v128());
  const copies = fewLines * lines === 1 ? apart : 1;
  const sums = Array.from({ length: copies }, () => vectors(fewLines * lines));
  const [left, right] = [vectors(fewLines * copies), vectors(lines * copies)];
  const step = (count: number, parts: number): Code => {
    const load = (from: Local, lineBytes: number, held: readonly Local[], size: number) =>
      held.slice(0, size * parts).map((local, v) => {
        const offset = (v % size) * lineBytes + 16 * Math.floor(v / size);
        return local.set(loadFloats(from.get, count, offset));
      });
    return seq(
      ...load(x, 4 * few.line, left, fewLines),
      ...load(y, 4 * many.line, right, lines),
      ...sums.slice(0, parts).flatMap((part, copy) =>
        part.map((sum, at) => {
          const a = left[copy * fewLines + Math.floor(at / lines)] as Local;
          const b = right[copy * lines + (at % lines)] as Local;
          return sum.set(k.fma(a.get, b.get, sum.get));
        }),
      ),
      x.increase(16 * parts),
      y.increase(16 * parts),
    );
  };
  const whole = (parts: number) => {
    const bytes = 16 * parts * Math.floor(depth / (4 * parts));
    const turn = f.while(i32.ltU(x.get, end.get), step(4, parts));
    return seq(end.set(i32.add(few.base.get, i32.const(bytes))), turn);
  };
  const store = (sums[0] as Local[]).map((sum, which) => {
    const [i, j] = [Math.floor(which / lines), which % lines];
    const all = sums.slice(1).map((part) => {
      const other = part[which] as Local;
      return sum.set(f32x4.add(sum.get, other.get));
    });
    return seq(...all, f32.store(at.get, total(sum), 4 * (i * out.few + j * out.many)));
  });
  return seq(
    ...sums.flat().map((sum) => sum.set(f32x4.const(0))),
    x.set(few.base.get),
    y.set(i32.add(many.base.get, i32.mul(line.get, i32.const(4 * many.line)))),
    at.set(i32.add(out.base.get, i32.mul(line.get, i32.const(4 * out.many)))),
    copies > 1 ? whole(copies) : [],
    whole(1),
    depth % 4 > 0 ? step(depth % 4, 1) : [],
    ...store,
  );
}

const total = (sum: Local): Code => {
  const lane = (i: number) => f32x4.extractLane(i, sum.get);
  return f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)));
};
