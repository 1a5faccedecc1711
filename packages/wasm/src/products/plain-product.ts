import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f64x2, v128 } from '../encoder/simd.js';
import { type LanePair, lanesOf, type RowLanes } from '../rows/lanes.js';
import { type Cell, forStrips, stripsOf } from '../rows/strips.js';
import { type Product, stridesOfA, stridesOfB } from './product.js';

const doubleVector = {
  count: 2,
  bytes: 8,
  type: 'v128',
  load: v128.load,
  store: v128.store,
  const: (value: number | bigint) => f64x2.const(Number(value)),
  add: f64x2.add,
  mul: f64x2.mul,
} as const;

type Lanes = Pick<RowLanes, keyof typeof doubleVector>;

/** Lanes for columns, which are side by side unless b is transposed. */
function lanesFor({ dtype, transposeB }: Product, f: FunctionBuilder): LanePair {
  const { scalar, ...rest } = lanesOf(dtype, f);
  if (transposeB) return { scalar };
  return dtype === 'float64'
    ? { scalar, vector: { ...scalar, ...doubleVector } }
    : { scalar, ...rest };
}

/** An element in all lanes. */
const inAllLanes = ({ type, bytes, load }: Lanes, address: Code): Code => {
  if (type !== 'v128') return load(address);
  return bytes === 8 ? v128.load64Splat(address) : v128.load32Splat(address);
};

/** A product of any dtype, row by row in strips of columns; integers wrap. */
export function plainProduct(k: KernelFunction, product: Product): Code {
  const { f } = k;
  const { batch, m, n } = product;
  if (batch * m * n === 0) return [];
  const pair = lanesFor(product, f);
  const { bytes } = pair.scalar;
  const [a, b] = [stridesOfA(product), stridesOfB(product)];
  const [image, row, atA, atB, atC] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const place = (base: Local, parts: readonly (readonly [Local, number])[]): Code =>
    parts.reduce<Code>(
      (sum, [index, stride]) => i32.add(sum, i32.mul(index.get, i32.const(stride * bytes))),
      base.get,
    );
  const strips = stripsOf(n, pair);
  return forStrips(k, { outer: batch * m, strips }, (cells, { outer, column }) =>
    seq(
      image.set(i32.divU(outer.get, i32.const(m))),
      row.set(i32.remU(outer.get, i32.const(m))),
      atA.set(
        place(product.a, [
          [image, a.batch],
          [row, a.rows],
        ]),
      ),
      atB.set(
        place(product.b, [
          [image, b.batch],
          [column, b.columns],
        ]),
      ),
      atC.set(
        place(product.c, [
          [outer, n],
          [column, 1],
        ]),
      ),
      strip(f, product, { cells, atA, atB, atC }),
    ),
  );
}

interface Strip {
  readonly cells: readonly Cell[];
  /** Addresses of the row of a, and of the first column of the strip. */
  readonly atA: Local;
  readonly atB: Local;
  readonly atC: Local;
}

function strip(f: FunctionBuilder, product: Product, { cells, atA, atB, atC }: Strip): Code {
  const [a, b] = [stridesOfA(product), stridesOfB(product)];
  const sums = cells.map(({ lanes }) => f.local(lanes.type));
  const add = cells.map(({ lanes, at }, i) => {
    const sum = sums[i] as Local;
    const side = lanes.load(atB.get, at * b.columns * lanes.bytes);
    return sum.set(lanes.add(sum.get, lanes.mul(inAllLanes(lanes, atA.get), side)));
  });
  const bytes = cells[0]?.lanes.bytes ?? 0;
  const step = seq(...add, atA.increase(a.columns * bytes), atB.increase(b.rows * bytes));
  return seq(
    ...cells.map(({ lanes }, i) => (sums[i] as Local).set(lanes.const(0))),
    f.for({ to: i32.const(product.k) }, () => step),
    ...cells.map(({ lanes, at }, i) =>
      lanes.store(atC.get, (sums[i] as Local).get, at * lanes.bytes),
    ),
  );
}
