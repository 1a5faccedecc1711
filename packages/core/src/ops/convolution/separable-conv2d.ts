import type { z } from 'zod';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { conv2d } from './conv2d.js';
import type { convOptions } from './define-conv.js';
import { depthwiseConv2d } from './depthwise-conv2d.js';

export type SeparableConvOptions = Omit<z.input<ReturnType<typeof convOptions>>, 'groups'>;

/**
 * A depthwise convolution, then a 1 x 1 convolution that mixes its channels (Chollet 2017, "Xception").
 * Shapes: x [n, h, w, c], filter [kh, kw, c, m], pointwise [1, 1, c m, o] -> [n, h', w', o]. Errors: SHAPE_MISMATCH.
 */
export function separableConv2d(
  x: TensorLike,
  filter: TensorLike,
  pointwise: TensorLike,
  options: SeparableConvOptions = {},
): Tensor {
  const each = depthwiseConv2d(x, filter, options);
  return conv2d(each, pointwise, { dataFormat: options.dataFormat });
}
