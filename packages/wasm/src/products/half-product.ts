import { elementOf } from '../emit/element.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { multiply } from './multiply.js';
import type { Product } from './product.js';

type Half = 'float16' | 'bfloat16';

/** Elements to be brought from one dtype to another. */
interface Conversion {
  readonly from: Local;
  readonly to: Local;
  readonly count: number;
  readonly dtypes: readonly [Half, 'float32'] | readonly ['float32', Half];
}

/** A product of half precision: its operands are widened first, and sums of float32 are rounded once, at the end. */
export function halfProduct(k: KernelFunction, product: Product, dtype: Half): Code {
  const { f } = k;
  const { batch, m, n, k: depth, batchedA, batchedB } = product;
  if (batch * m * n === 0) return [];
  const [a, b, c] = [f.i32(), f.i32(), f.i32()];
  const sizes = {
    a: (batchedA ? batch : 1) * m * depth,
    b: (batchedB ? batch : 1) * depth * n,
    c: batch * m * n,
  };
  const widen = (from: Local, to: Local, count: number) =>
    convert(k, { from, to, count, dtypes: [dtype, 'float32'] });
  return seq(
    a.set(k.shared(4 * sizes.a)),
    b.set(k.shared(4 * sizes.b)),
    c.set(k.shared(4 * sizes.c)),
    widen(product.a, a, sizes.a),
    widen(product.b, b, sizes.b),
    k.barrier(),
    multiply(k, { ...product, dtype: 'float32', a, b, c }),
    k.barrier(),
    convert(k, { from: c, to: product.c, count: sizes.c, dtypes: ['float32', dtype] }),
  );
}

function convert(k: KernelFunction, { from, to, count, dtypes }: Conversion): Code {
  const { f } = k;
  const [source, target] = [elementOf(dtypes[0], f), elementOf(dtypes[1], f)];
  const [begin, end, x, y] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const four = target.store(y.get, source.load(x.get, 0), 0);
  const one = target.storeLane(0, y.get, target.prepare(source.loadOne(x.get, 0)), 0);
  const rest = Array.from({ length: count % 4 }, () =>
    seq(one, x.increase(source.bytes), y.increase(target.bytes)),
  );
  const at = (base: Local, bytes: number) =>
    i32.add(base.get, i32.mul(begin.get, i32.const(4 * bytes)));
  const isLast = i32.eq(k.thread.get, i32.sub(k.threads.get, i32.const(1)));
  return seq(
    k.share(Math.floor(count / 4), begin, end),
    x.set(at(from, source.bytes)),
    y.set(at(to, target.bytes)),
    f.for({ from: begin.get, to: end.get }, () =>
      seq(four, x.increase(4 * source.bytes), y.increase(4 * target.bytes)),
    ),
    when(isLast, seq(...rest)),
  );
}
