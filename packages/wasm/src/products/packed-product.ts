import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { i32 } from '../encoder/scalar.js';
import { emitProduct } from '../gemm/engine.js';
import { packLines, packLinesTogether } from '../gemm/pack-lines.js';
import { perImage } from './per-image.js';
import { type Product, stridesOfA, stridesOfB } from './product.js';

/** A product of float32 of any size by the engine. */
export function packedProduct(k: KernelFunction, product: Product): Code {
  const { f } = k;
  const { one, select } = perImage(f, product);
  const { batch, m, n, k: depth } = product;
  const [a, b] = [stridesOfA(product), stridesOfB(product)];
  const rowBytes = 4 * n;
  return emitProduct(k, {
    ...{ m, n, k: depth, rowBytes },
    packA: packLines(f, { base: one.a, lineBytes: 4 * a.rows, depthBytes: 4 * a.columns }),
    packB: packLines(f, { base: one.b, lineBytes: 4 * b.columns, depthBytes: 4 * b.rows }),
    ...(b.columns === 1 && {
      packPanelsB: packLinesTogether(f, { base: one.b, depthBytes: 4 * b.rows }),
    }),
    rowAddress: (row) => i32.add(one.c.get, i32.mul(row.get, i32.const(rowBytes))),
    ...(batch > 1 && { batch: { count: batch, select } }),
    ...(one.finish && { finish: one.finish }),
  });
}
