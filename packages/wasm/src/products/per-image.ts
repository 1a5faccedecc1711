import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Product, stridesOfA, stridesOfB } from './product.js';

interface PerImage {
  /** The product of one matrix of the batch. */
  readonly one: Product;
  /** Chooses it. */
  select(image: Local): Code;
}

/** A batched product of float32 as one product, whose addresses are set for each matrix in turn. */
export function perImage(f: FunctionBuilder, product: Product): PerImage {
  const { batch, m, n, finish } = product;
  if (batch === 1) return { one: product, select: () => [] };
  const [a, b, c, firstRow, row] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const at = (base: Local, image: Local, elements: number) =>
    i32.add(base.get, i32.mul(image.get, i32.const(4 * elements)));
  return {
    one: {
      ...{ ...product, batch: 1, a, b, c },
      ...(finish && {
        finish: (finished) =>
          seq(row.set(i32.add(firstRow.get, finished.row.get)), finish({ ...finished, row })),
      }),
    },
    select: (image) =>
      seq(
        a.set(at(product.a, image, stridesOfA(product).batch)),
        b.set(at(product.b, image, stridesOfB(product).batch)),
        c.set(at(product.c, image, m * n)),
        firstRow.set(i32.mul(image.get, i32.const(m))),
      ),
  };
}
