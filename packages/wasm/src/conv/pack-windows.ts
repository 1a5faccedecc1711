import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { i8x16, v128 } from '../encoder/simd.js';
import type { PackPanel } from '../gemm/engine.js';

interface Windows {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  /** Address of zeros, as many as x has channels. */
  readonly zeros: Local;
}

/** One position of y while a panel is packed: its image, where its tap 0 lies in x, and the address of the present tap. */
interface Line {
  readonly image: Local;
  readonly start: readonly [Local, Local, Local];
  readonly at: Local;
}

const axes = [0, 1, 2] as const;

/** Packs windows of x as rows of a matrix [positions, taps * inChannels], of one group; taps in the padding are zeros. */
export function packWindows(k: KernelFunction, windows: Windows): PackPanel {
  const { f } = k;
  const { geometry } = windows;
  const { inChannels, window } = geometry;
  return ({ first, lines: count, width, depthFrom, depth, to }) => {
    const lines = Array.from({ length: count }, (): Line => {
      return { image: f.i32(), start: [f.i32(), f.i32(), f.i32()], at: f.i32() };
    });
    const [step, end, tap, channel, size, rest, target] = Array.from({ length: 7 }, () =>
      f.i32(),
    ) as [Local, Local, Local, Local, Local, Local, Local];
    const place = [f.i32(), f.i32(), f.i32()] as const;
    const locateTap = seq(
      tap.set(i32.divU(step.get, i32.const(inChannels))),
      channel.set(i32.remU(step.get, i32.const(inChannels))),
      size.set(i32.sub(i32.const(inChannels), channel.get)),
      rest.set(i32.sub(end.get, step.get)),
      size.set(k.min(size, rest.get)),
      place[2].set(i32.remU(tap.get, i32.const(window[2]))),
      tap.set(i32.divU(tap.get, i32.const(window[2]))),
      place[1].set(i32.remU(tap.get, i32.const(window[1]))),
      place[0].set(i32.divU(tap.get, i32.const(window[1]))),
    );
    return seq(
      ...lines.map((line, i) => moveTo(geometry, { line, position: first, ahead: i, rest })),
      step.set(depthFrom.get),
      end.set(i32.add(depthFrom.get, depth.get)),
      target.set(to.get),
      f.while(
        i32.ltS(step.get, end.get),
        seq(
          locateTap,
          ...lines.map((line) => line.at.set(tapAddress(windows, { line, place, channel }))),
          step.set(i32.add(step.get, size.get)),
          copyTap(k, { lines: lines.map(({ at }) => at), target, size, width }),
        ),
      ),
    );
  };
}

interface Move {
  readonly line: Line;
  readonly position: Local;
  readonly ahead: number;
  readonly rest: Local;
}

/** Sets a line to the window of a position of y. */
function moveTo(
  { outSize, strides, padBefore }: ConvGeometry,
  { line, position, ahead, rest }: Move,
): Code {
  const parts = axes.map((axis) => {
    const index = i32.remU(rest.get, i32.const(outSize[axis]));
    const scaled = i32.mul(index, i32.const(strides[axis]));
    return seq(
      line.start[axis].set(i32.sub(scaled, i32.const(padBefore[axis]))),
      rest.set(i32.divU(rest.get, i32.const(outSize[axis]))),
    );
  });
  return seq(
    rest.set(i32.add(position.get, i32.const(ahead))),
    ...parts.reverse(),
    line.image.set(rest.get),
  );
}

interface TapPlace {
  readonly line: Line;
  readonly place: readonly [Local, Local, Local];
  readonly channel: Local;
}

/** The address of a channel of a tap of a window, or of zeros where the tap lies in the padding. */
function tapAddress({ geometry, x, zeros }: Windows, { line, place, channel }: TapPlace): Code {
  const { inSize, dilations, inChannels } = geometry;
  const index = axes.map((axis) =>
    i32.add(line.start[axis].get, i32.mul(place[axis].get, i32.const(dilations[axis]))),
  );
  const position = index.reduce(
    (all, at, axis) => i32.add(i32.mul(all, i32.const(inSize[axis] as number)), at),
    line.image.get,
  );
  const inside = index
    .map((at, axis) => i32.ltU(at, i32.const(inSize[axis] as number)))
    .reduce(i32.and);
  const element = i32.add(i32.mul(position, i32.const(inChannels)), channel.get);
  return choose(inside, i32.add(x.get, i32.shl(element, i32.const(2))), zeros.get);
}

interface TapCopy {
  /** Addresses, which are moved on. */
  readonly lines: readonly Local[];
  readonly target: Local;
  readonly size: Local;
  readonly width: number;
}

/** Copies some channels of each line so that those of all lines lie side by side: four at a time, then one by one. */
function copyTap(k: KernelFunction, { lines, target, size, width }: TapCopy): Code {
  const { f } = k;
  const square = lines.length >= 4 ? transposed(k, lines.slice(0, 4), { target, width }) : [];
  const others = lines.slice(lines.length >= 4 ? 4 : 0);
  const values = f.v128();
  const single = others.map((line, i) => {
    const at = lines.length - others.length + i;
    return seq(
      values.set(v128.load(line.get)),
      ...[0, 1, 2, 3].map((lane) =>
        v128.store32Lane(lane, target.get, values.get, 4 * (lane * width + at)),
      ),
    );
  });
  const move = (steps: number): Code =>
    seq(...lines.map((line) => line.increase(4 * steps)), target.increase(4 * width * steps));
  return seq(
    f.while(i32.geS(size.get, i32.const(4)), seq(square, ...single, move(4), size.increase(-4))),
    f.while(
      i32.gtS(size.get, i32.const(0)),
      seq(
        ...lines.map((line, i) => f32.store(target.get, f32.load(line.get), 4 * i)),
        move(1),
        size.increase(-1),
      ),
    ),
  );
}

const lanes = (...picked: readonly number[]): number[] =>
  picked.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);

/** Four channels of four lines. */
function transposed(
  { f }: KernelFunction,
  lines: readonly Local[],
  { target, width }: { readonly target: Local; readonly width: number },
): Code {
  const rows = lines.map(() => f.v128()) as [Local, Local, Local, Local];
  const pairs = [f.v128(), f.v128(), f.v128(), f.v128()] as const;
  const mix = (a: Local, b: Local, order: readonly number[]): Code =>
    i8x16.shuffle(a.get, b.get, lanes(...order));
  const steps = [
    mix(pairs[0], pairs[1], [0, 1, 4, 5]),
    mix(pairs[0], pairs[1], [2, 3, 6, 7]),
    mix(pairs[2], pairs[3], [0, 1, 4, 5]),
    mix(pairs[2], pairs[3], [2, 3, 6, 7]),
  ];
  return seq(
    ...rows.map((row, i) => row.set(v128.load((lines[i] as Local).get))),
    pairs[0].set(mix(rows[0], rows[1], [0, 4, 1, 5])),
    pairs[1].set(mix(rows[2], rows[3], [0, 4, 1, 5])),
    pairs[2].set(mix(rows[0], rows[1], [2, 6, 3, 7])),
    pairs[3].set(mix(rows[2], rows[3], [2, 6, 3, 7])),
    ...steps.map((step, i) => v128.store(target.get, step, 4 * i * width)),
  );
}
