import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { identity } from '../shape/identity.js';
import { reverse } from '../shape/reverse.js';
import { checkImages, rowAxis } from './images.js';

/** Images mirrored top to bottom. Shapes: x [n, h, w, c] -> x; the batch axis may be missing. Errors: SHAPE_MISMATCH. */
export function flipUpDown(images: TensorLike): Tensor {
  const x = identity(images);
  checkImages(x, 'flipUpDown');
  return reverse(x, { axis: rowAxis(x) });
}
