import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { bandPart } from './band-part.js';

/** Upper triangle of matrices, the diagonal included: `y[i, j] = x[i, j]` where `i <= j`, else 0. Errors: SHAPE_MISMATCH. */
export const triu = (x: TensorLike): Tensor => bandPart(x, { numLower: 0, numUpper: -1 });
