import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { sum } from '../reduction/sum.js';
import { diagPart } from './diag-part.js';

/** Sum of the main diagonal of matrices, `y = sum_i x[i, i]`. Shapes: x [..., m, n] -> [...]. Errors: SHAPE_MISMATCH. */
export const trace = (x: TensorLike): Tensor => sum(diagPart(x), { axis: -1 });
