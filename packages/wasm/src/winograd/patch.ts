import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** A tile of an image. */
export interface Patch {
  /** Address of the first image's first channel. */
  readonly from: Local;
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly image: Local;
  /** Its first position along each axis: it may lie outside, as far as all of it. */
  readonly start: readonly [Local, Local];
  /** Positions along each axis. */
  readonly reach: number;
  /** Address of what stands for positions outside. */
  readonly outside: Local;
}

/** Where a channel of a position lies; `channel` counts bytes. */
export type PatchPlace = (
  channel: Local,
  row: number,
  column: number,
) => { readonly at: Code; readonly offset: number };

/** Works on a patch. The body is written twice: one that lies inside as a whole needs a single address. */
export function withPatch(
  { f }: KernelFunction,
  patch: Patch,
  body: (place: PatchPlace) => Code,
): Code {
  const { from, size, channels, image, start, reach, outside } = patch;
  const source = f.i32();
  const pixel = 4 * channels;
  const line = size[1] * pixel;
  const row = i32.add(i32.mul(image.get, i32.const(size[0])), start[0].get);
  const position = i32.add(i32.mul(row, i32.const(size[1])), start[1].get);
  const inside = start.map((at, axis) => {
    const room = Math.max(0, (size[axis] as number) - reach + 1);
    return i32.ltU(at.get, i32.const(room));
  });
  const there = (axis: 0 | 1, step: number): Code =>
    i32.ltU(i32.add(start[axis].get, i32.const(step)), i32.const(size[axis]));
  const positions = Array.from({ length: reach * reach }, () => f.i32());
  const locate = positions.map((at, number) => {
    const [i, j] = [Math.floor(number / reach), number % reach];
    const address = i32.add(source.get, i32.const(i * line + j * pixel));
    return at.set(choose(i32.and(there(0, i), there(1, j)), address, outside.get));
  });
  const together: PatchPlace = (channel, i, j) => {
    return { at: i32.add(source.get, channel.get), offset: i * line + j * pixel };
  };
  const apart: PatchPlace = (channel, i, j) => {
    return { at: i32.add((positions[i * reach + j] as Local).get, channel.get), offset: 0 };
  };
  return seq(
    source.set(i32.add(from.get, i32.mul(position, i32.const(pixel)))),
    when(inside.reduce(i32.and), body(together), seq(...locate, body(apart))),
  );
}
