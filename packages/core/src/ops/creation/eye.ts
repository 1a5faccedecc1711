import type { DType } from '../../graph/dtype.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { broadcastTo } from '../shape/broadcast-to.js';
import { iota } from './iota.js';

export interface EyeOptions {
  readonly rows: number;
  /** As many as rows when left out. */
  readonly columns?: number;
  /** Axes in front; the matrix is repeated over them. */
  readonly batchShape?: KnownShape;
  readonly dtype?: DType;
}

/** Identity matrix, `y[..., i, j] = 1 where i = j, else 0`. Shapes: -> [...batchShape, rows, columns]. Errors: ATTRIBUTE_INVALID. */
export function eye({
  rows,
  columns = rows,
  batchShape = [],
  dtype = 'float32',
}: EyeOptions): Tensor {
  const diagonal = equal(
    iota({ shape: [rows, 1], axis: 0 }),
    iota({ shape: [1, columns], axis: 1 }),
  );
  const matrix = cast(diagonal, { dtype });
  return batchShape.length === 0
    ? matrix
    : broadcastTo(matrix, { shape: [...batchShape, rows, columns] });
}
