import { seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { emitProduct } from '../gemm/engine.js';
import { packLines } from '../gemm/pack-lines.js';
import { plainProduct } from '../gemm/plain-product.js';
import { type Product, stridesOfA, stridesOfB } from '../gemm/product.js';
import type { EmitTemplate } from './template.js';

/** c[batch, m, n] = the sum over k of a[batch, m, k] b[batch, k, n] */
export const emitGemm: EmitTemplate<'gemm'> = (template, kernel) => {
  const [a, b] = kernel.inputs as [Local, Local];
  const c = kernel.outputs[0] as Local;
  const { batch, m, k, n, dtype } = template;
  const product: Product = { ...template, a, b, c };
  if (dtype !== 'float32' || batch !== 1 || m * k * n < 4096) return plainProduct(kernel, product);
  const [linesA, linesB] = [stridesOfA(product), stridesOfB(product)];
  const rowBytes = 4 * n;
  return seq(
    emitProduct(kernel, {
      ...{ m, k, n, rowBytes },
      packA: packLines(kernel.f, {
        base: a,
        lineBytes: 4 * linesA.rows,
        depthBytes: 4 * linesA.columns,
      }),
      packB: packLines(kernel.f, {
        base: b,
        lineBytes: 4 * linesB.columns,
        depthBytes: 4 * linesB.rows,
      }),
      rowAddress: (row) => i32.add(c.get, i32.mul(row.get, i32.const(rowBytes))),
    }),
  );
};
