import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { memoryFill } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { directProduct } from './direct-product.js';
import { finishRegion } from './finish-region.js';
import { packedProduct } from './packed-product.js';
import type { Product } from './product.js';
import { suitsThin, thinProduct } from './thin-product.js';

/**
 * Up to these sizes of b in floats, and beyond them for few rows or columns, to pack costs more than it saves. What lies in the second
 * cache is read there by tiles as fast as it is packed, and threads have rows of their own then.
 */
const smallB = 2 ** 16;
const mostRows = { small: 64, any: 16 };
const mostColumns = 24;

/** Rows of b that tiles may read one below the other: more would each time be of other pages than are known to the processor. */
const mostDepth = 512;

/** Largest b in floats that is read again for each panel of a. */
const largeB = 2 ** 17;

/** Whether tiles should read a and b where they are. */
function suitsDirect({ m, k, n, transposeB }: Product): boolean {
  if (transposeB || k > mostDepth || k * n > largeB) return false;
  return m <= mostRows.any || n <= mostColumns || (m <= mostRows.small && k * n <= smallB);
}

/** A product of float32, by the way that suits its sizes. */
export function multiply(k: KernelFunction, product: Product): Code {
  const { batch, m, n, k: depth } = product;
  if (batch * m * n === 0) return [];
  if (depth === 0) return emptySums(k, product);
  if (suitsThin(product)) return thinProduct(k, product);
  return suitsDirect(product) ? directProduct(k, product) : packedProduct(k, product);
}

/** Sums of no products are zero. */
function emptySums(k: KernelFunction, product: Product): Code {
  const { batch, m, n, c } = product;
  const [begin, end] = [k.f.i32(), k.f.i32()];
  const bytes = (rows: Code) => i32.mul(rows, i32.const(4 * n));
  return seq(
    k.share(batch * m, begin, end),
    memoryFill(i32.add(c.get, bytes(begin.get)), i32.const(0), bytes(i32.sub(end.get, begin.get))),
    finishRegion(k.f, product, {
      ...{ row: begin.get, rowEnd: end.get },
      ...{ column: i32.const(0), columnEnd: i32.const(n) },
    }),
  );
}
