import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { mean } from '../reduction/mean.js';
import { identity } from '../shape/identity.js';
import { checkImages, rowAxis } from './images.js';

/** Pixels moved away from the mean of their channel, `y = (x - mean) factor + mean`. Shapes: x [n, h, w, c] -> x; the batch axis may be missing. Errors: SHAPE_MISMATCH. */
export function adjustContrast(
  images: TensorLike,
  { factor }: { readonly factor: number },
): Tensor {
  const x = identity(images);
  checkImages(x, 'adjustContrast');
  const middle = mean(x, { axis: [rowAxis(x), rowAxis(x) + 1], keepDims: true });
  return add(mul(sub(x, middle), factor), middle);
}
