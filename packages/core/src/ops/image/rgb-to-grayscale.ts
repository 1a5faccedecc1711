import { GraphError } from '../../errors.js';
import { constant, type TensorLike } from '../../graph/constant.js';
import { axisSize, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { sum } from '../reduction/sum.js';
import { identity } from '../shape/identity.js';

/**
 * Brightness of colours, `y = 0.2989 r + 0.587 g + 0.114 b`, in the dtype of x. Shapes: x [..., 3] -> [..., 1].
 * Errors: SHAPE_MISMATCH. Source: ITU-R BT.601.
 */
export function rgbToGrayscale(images: TensorLike): Tensor {
  const x = identity(images);
  if (x.rank < 2 || !sizesAgree(axisSize(x, -1), 3)) {
    throw new GraphError('SHAPE_MISMATCH', 'rgbToGrayscale', {
      what: 'the last of at least two axes must have size 3.',
      given: { x },
    });
  }
  const { dtype } = floatLike(x);
  const weights = constant([0.2989, 0.587, 0.114], { dtype });
  return cast(sum(mul(cast(x, { dtype }), weights), { axis: -1, keepDims: true }), {
    dtype: x.dtype,
  });
}
