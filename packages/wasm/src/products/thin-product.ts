import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { forPieces, type Piece } from '../gemm/for-pieces.js';
import { dotColumns, dotUnit } from './dot-columns.js';
import { finishRegion } from './finish-region.js';
import { perImage } from './per-image.js';
import { type Product, stridesOfA, stridesOfB } from './product.js';
import { streamRows, streamUnit } from './stream-rows.js';

/** A matrix in memory; strides are in elements, along the axis of results and along k. */
export interface Side {
  readonly base: Local;
  readonly line: number;
  readonly depth: number;
}

/**
 * out[i, j] = the sum over p of few[i, p] many[j, p] for 1 to 3 i: a product of which a side is very short, or its transpose.
 */
export interface ThinProduct {
  readonly few: Side;
  readonly many: Side;
  readonly fewLines: number;
  readonly manyLines: number;
  readonly k: number;
  readonly out: { readonly base: Local; readonly few: number; readonly many: number };
}

export const mostFew = 3;

/** Where b has few columns the transpose is computed, c' = b' a'. */
function thinOf(product: Product): ThinProduct & { readonly flipped: boolean } {
  const { a, b, c, m, n, k } = product;
  const [strideA, strideB] = [stridesOfA(product), stridesOfB(product)];
  const sideA = { base: a, line: strideA.rows, depth: strideA.columns };
  const sideB = { base: b, line: strideB.columns, depth: strideB.rows };
  const flipped = m > mostFew || (n < m && n <= mostFew);
  return flipped
    ? {
        ...{ few: sideB, many: sideA, fewLines: n, manyLines: m, k, flipped },
        out: { base: c, few: 1, many: n },
      }
    : {
        ...{ few: sideA, many: sideB, fewLines: m, manyLines: n, k, flipped },
        out: { base: c, few: n, many: 1 },
      };
}

/** Lines below which vectors along them are too short. */
const leastStreamed = 16;

/** Whether a side of the product is short enough, and the other lies so in memory that it is read in vectors. */
export function suitsThin(product: Product): boolean {
  if (Math.min(product.m, product.n) > mostFew) return false;
  const { many, manyLines, k } = thinOf(product);
  return many.depth === 1 ? k >= 8 : manyLines >= leastStreamed;
}

/** A product with 1 to 3 rows or columns. */
export function thinProduct(k: KernelFunction, product: Product): Code {
  const { f } = k;
  const { batch, m, n } = product;
  const { one, select } = perImage(f, product);
  const { flipped, ...thin } = thinOf(one);
  const streams = thin.many.depth !== 1;
  const unit = streams ? streamUnit : dotUnit;
  const [from, to] = [f.i32(), f.i32()];
  const lines = i32.const(thin.manyLines);
  const sums = streams ? streamRows(k, thin, { from, to }) : dotColumns(k, thin, { from, to });
  const part = { from: from.get, to: to.get };
  const region = flipped
    ? { row: part.from, rowEnd: part.to, column: i32.const(0), columnEnd: i32.const(n) }
    : { row: i32.const(0), rowEnd: i32.const(m), column: part.from, columnEnd: part.to };
  const perPiece = (piece: Piece) =>
    seq(
      select(piece.image),
      from.set(i32.mul(piece.from.get, i32.const(unit))),
      to.set(i32.mul(piece.to.get, i32.const(unit))),
      to.set(k.min(to, lines)),
      sums,
      finishRegion(f, one, region),
    );
  return forPieces(k, { batch, units: Math.ceil(thin.manyLines / unit) }, perPiece);
}
