import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local, memoryFill, when } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { loadFloats, storeFloats } from '../gemm/floats.js';
import type { Range } from '../gemm/sweep-blocks.js';
import type { ThinProduct } from './thin-product.js';

/** Lines are shared in pieces of a cache line. */
export const streamUnit = 16;

/** Lines whose sums stay in the first cache while k is passed over. */
const block = 2048;

/** Steps that are added at once, so that registers hold their elements of the few lines. */
const stepsAtOnce = [4, 4, 2] as const;

interface Stream {
  readonly thin: ThinProduct;
  /** Sums of the block: an address, and bytes from one of the few lines to the next. */
  readonly sums: Local;
  readonly sumBytes: number;
  readonly from: Local;
  readonly to: Local;
}

/** Sums for lines that lie side by side, whose elements are read in the order in which they lie. */
export function streamRows(k: KernelFunction, thin: ThinProduct, { from, to }: Range): Code {
  const { f } = k;
  const { fewLines, out } = thin;
  const inPlace = out.many === 1;
  const [sums, blockEnd] = [f.i32(), f.i32()];
  const start = f.i32();
  const sumBytes = 4 * (inPlace ? out.few : block);
  const place = inPlace
    ? i32.add(out.base.get, i32.shl(start.get, i32.const(2)))
    : k.own(4 * block * fewLines);
  const stream = { thin, sums, sumBytes, from: start, to: blockEnd };
  const bytes = i32.shl(i32.sub(blockEnd.get, start.get), i32.const(2));
  const clear = Array.from({ length: fewLines }, (_, i) =>
    memoryFill(i32.add(sums.get, i32.const(i * sumBytes)), i32.const(0), bytes),
  );
  const perBlock = seq(
    blockEnd.set(i32.add(start.get, i32.const(block))),
    blockEnd.set(choose(i32.ltS(blockEnd.get, to.get), blockEnd.get, to.get)),
    sums.set(place),
    ...clear,
    addSteps(k, stream),
    inPlace ? [] : spread(k, stream),
    start.set(blockEnd.get),
  );
  return seq(start.set(from.get), f.while(i32.ltS(start.get, to.get), perBlock));
}

function addSteps(k: KernelFunction, stream: Stream): Code {
  const { f } = k;
  const { fewLines, few, many, k: depth } = stream.thin;
  const atOnce = stepsAtOnce[fewLines - 1] as number;
  const [few0, many0] = [f.i32(), f.i32()];
  const whole = Math.floor(depth / atOnce);
  const add = (steps: number): Code =>
    seq(
      addAtOnce(k, { ...stream, few0, many0, steps }),
      few0.increase(4 * steps * few.depth),
      many0.increase(4 * steps * many.depth),
    );
  return seq(
    few0.set(few.base.get),
    many0.set(i32.add(many.base.get, i32.shl(stream.from.get, i32.const(2)))),
    whole > 0 ? f.for({ to: i32.const(whole) }, () => add(atOnce)) : [],
    depth % atOnce > 0 ? add(depth % atOnce) : [],
  );
}

interface AtOnce extends Stream {
  /** Addresses of the first of the steps: of the few lines, and of the block. */
  readonly few0: Local;
  readonly many0: Local;
  readonly steps: number;
}

function addAtOnce(k: KernelFunction, given: AtOnce): Code {
  const { f } = k;
  const { thin, steps, few0, many0, sums, sumBytes, from, to } = given;
  const { few, many, fewLines, manyLines } = thin;
  const [x, at, end] = [f.i32(), f.i32(), f.i32()];
  const elements = Array.from({ length: fewLines * steps }, () => f.v128());
  const sides = Array.from({ length: steps }, () => f.v128());
  const values = Array.from({ length: fewLines }, () => f.v128());
  const loads = elements.map((element, at) => {
    const [i, step] = [Math.floor(at / steps), at % steps];
    return element.set(v128.load32Splat(few0.get, 4 * (i * few.line + step * few.depth)));
  });
  const vector = (count: number): Code =>
    seq(
      ...sides.map((side, s) => side.set(loadFloats(x.get, count, 4 * s * many.depth))),
      ...values.map((value, i) => value.set(loadFloats(at.get, count, i * sumBytes))),
      ...sides.flatMap((side, s) =>
        values.map((value, i) => {
          const element = elements[i * steps + s] as Local;
          return value.set(k.fma(side.get, element.get, value.get));
        }),
      ),
      ...values.map((value, i) =>
        storeFloats({ address: at.get, offset: i * sumBytes, count }, value),
      ),
      x.increase(16),
      at.increase(16),
    );
  const bytes = i32.shl(i32.sub(to.get, from.get), i32.const(2));
  const rest = manyLines % 4;
  return seq(
    ...loads,
    x.set(many0.get),
    at.set(sums.get),
    end.set(i32.add(sums.get, i32.and(bytes, i32.const(-16)))),
    f.while(i32.ltU(at.get, end.get), vector(4)),
    rest > 0 ? when(i32.eq(to.get, i32.const(manyLines)), vector(rest)) : [],
  );
}

/** Brings sums to where results lie that are not side by side. */
function spread({ f }: KernelFunction, { thin, sums, sumBytes, from, to }: Stream): Code {
  const { fewLines, out } = thin;
  const [at, target] = [f.i32(), f.i32()];
  const moves = Array.from({ length: fewLines }, (_, i) =>
    f32.store(target.get, f32.load(at.get, i * sumBytes), 4 * i * out.few),
  );
  const step = 4 * out.many;
  return seq(
    at.set(sums.get),
    target.set(i32.add(out.base.get, i32.mul(from.get, i32.const(step)))),
    f.for({ from: from.get, to: to.get }, () =>
      seq(...moves, at.increase(4), target.increase(step)),
    ),
  );
}
