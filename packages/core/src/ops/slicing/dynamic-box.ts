import { GraphError } from '../../errors.js';
import { type KnownShape, type Shape, sizeOf, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { checkIndices } from '../indexing/check-indices.js';
import { flatten } from '../shape/flatten.js';
import { reshape } from '../shape/reshape.js';
import { windowIndices } from './window-indices.js';

/** A box as rows of a matrix: the trailing axes that it covers whole make up a row. */
interface BoxRows {
  /** Which rows, [number of rows]. */
  readonly rows: Tensor;
  /** x as such a matrix. */
  readonly matrix: Tensor;
  readonly inner: number;
}

/** Refuses a box that is larger than x or has another rank. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export function checkBox(
  x: Tensor,
  start: Tensor,
  { size, where }: { readonly size: Shape; readonly where: string },
): void {
  checkIndices(where, { start });
  const starts = start.rank === 1 && sizesAgree(start.shape[0] as number | null, x.rank);
  const fits =
    size.length === x.rank &&
    x.shape.every((extent, axis) => extent === null || (size[axis] ?? 0) <= extent);
  if (starts && fits) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: starts
      ? `a box of [${size.join(', ')}] does not fit into x.`
      : 'start is not a vector of one number for each axis.',
    given: { x, start },
    fix: 'give one start for every axis of x, and a box that is nowhere larger than x.',
  });
}

/** The rows that a box of known size, beginning at `start`, takes of x. */
export function boxRows(x: Tensor, start: Tensor, size: KnownShape): BoxRows {
  const shape = x.shape as KnownShape;
  let outer = shape.length;
  while (outer > 0 && size[outer - 1] === shape[outer - 1]) outer--;
  const rows = windowIndices(start, { shape: shape.slice(0, outer), size: size.slice(0, outer) });
  const inner = sizeOf(shape.slice(outer));
  return {
    rows: flatten(rows),
    matrix: reshape(x, { shape: [sizeOf(shape.slice(0, outer)), inner] }),
    inner,
  };
}
