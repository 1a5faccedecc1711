import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { bandPart } from './band-part.js';

/** Lower triangle of matrices, the diagonal included: `y[i, j] = x[i, j]` where `j <= i`, else 0. Errors: SHAPE_MISMATCH. */
export const tril = (x: TensorLike): Tensor => bandPart(x, { numLower: -1, numUpper: 0 });
