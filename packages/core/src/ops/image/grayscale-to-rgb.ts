import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { axisSize, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { concat } from '../shape/concat.js';
import { identity } from '../shape/identity.js';

/** The grey channel three times. Shapes: x [..., 1] -> [..., 3]. Errors: SHAPE_MISMATCH. */
export function grayscaleToRGB(images: TensorLike): Tensor {
  const x = identity(images);
  if (x.rank < 2 || !sizesAgree(axisSize(x, -1), 1)) {
    throw new GraphError('SHAPE_MISMATCH', 'grayscaleToRGB', {
      what: 'the last of at least two axes must have size 1.',
      given: { x },
    });
  }
  return concat([x, x, x], { axis: -1 });
}
