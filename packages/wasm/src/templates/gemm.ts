import { finishing } from '../emit/finish.js';
import { isHalf } from '../emit/value.js';
import type { Local } from '../encoder/function.js';
import { halfProduct } from '../products/half-product.js';
import { multiply } from '../products/multiply.js';
import { plainProduct } from '../products/plain-product.js';
import type { EmitTemplate } from './template.js';

/** c[batch, m, n] = the sum over k of a[batch, m, k] b[batch, k, n] */
export const emitGemm: EmitTemplate<'gemm'> = (template, k, given) => {
  const [a, b] = k.inputs as [Local, Local];
  const c = k.outputs[0] as Local;
  const { dtype } = template;
  const finish = given?.finish && finishing(k, given.finish);
  const product = { ...template, a, b, c, ...(finish && { finish }) };
  if (dtype === 'float32') return multiply(k, product);
  return isHalf(dtype) ? halfProduct(k, product, dtype) : plainProduct(k, product);
};
