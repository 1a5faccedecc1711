import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';

export const smaller = (a: Code, b: Code): Code => choose(i32.ltS(a, b), a, b);

/** With so many units of work threads have equally much. */
const enoughUnits = 16;
const leastBlocks = 4;

interface Cut {
  readonly images: number;
  readonly keys: number;
  /** Keys of a block: parts are whole blocks. */
  readonly block: number;
}

/** Into how many parts the keys of each matrix of the batch are cut: a function of sizes alone, so that sums are the same for any number of threads. */
export function partsOf({ images, keys, block }: Cut): { count: number; keys: number } {
  const blocks = Math.ceil(keys / block);
  const wanted = Math.min(Math.ceil(enoughUnits / images), Math.ceil(blocks / leastBlocks));
  const perPart = Math.ceil(blocks / wanted);
  return { count: Math.ceil(blocks / perPart), keys: perPart * block };
}

/**
 * The place of the i-th of `count` pieces where work grows or falls with the place: first and last in turn, so that any row of
 * pieces has about its share.
 */
export function foldedPlace(i: Local, count: number, folded: boolean): Code {
  if (!folded || count === 1) return i.get;
  const half = i32.shrU(i.get, i32.const(1));
  const fromEnd = i32.sub(i32.const(count - 1), half);
  return choose(i32.and(i.get, i32.const(1)), fromEnd, half);
}

interface Parts {
  readonly images: number;
  readonly parts: number;
  /** Of each sum. */
  readonly elements: number;
  /** Address of [images, parts, elements]. */
  readonly sums: Code;
  readonly to: Local;
}

/** to[image] = the sum of its parts, in order. */
export function addParts(k: KernelFunction, { images, parts, elements, sums, to }: Parts): Code {
  const { f } = k;
  const [at, end, from, base] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const others = Array.from({ length: parts - 1 }, (_, i) => 4 * elements * (i + 1));
  const sum = others.reduce(
    (all, offset) => f32.add(all, f32.load(from.get, offset)),
    f32.load(from.get),
  );
  const image = i32.divU(at.get, i32.const(elements));
  const place = i32.add(at.get, i32.mul(image, i32.const((parts - 1) * elements)));
  return seq(
    base.set(sums),
    k.share(images * elements, at, end),
    f.while(
      i32.ltS(at.get, end.get),
      seq(
        from.set(i32.add(base.get, i32.shl(place, i32.const(2)))),
        f32.store(i32.add(to.get, i32.shl(at.get, i32.const(2))), sum),
        at.increase(1),
      ),
    ),
  );
}
