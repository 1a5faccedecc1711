import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { identity } from '../shape/identity.js';
import { reverse } from '../shape/reverse.js';
import { checkImages, rowAxis } from './images.js';

/** Images mirrored left to right. Shapes: x [n, h, w, c] -> x; the batch axis may be missing. Errors: SHAPE_MISMATCH. */
export function flipLeftRight(images: TensorLike): Tensor {
  const x = identity(images);
  checkImages(x, 'flipLeftRight');
  return reverse(x, { axis: rowAxis(x) + 1 });
}
