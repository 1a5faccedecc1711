import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { axisSize } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { greater } from '../comparison/greater.js';
import { lessEqual } from '../comparison/less-equal.js';
import { floatLike } from '../elementwise.js';
import { identity } from '../shape/identity.js';
import { checkImages } from './images.js';
import { otsuThreshold } from './otsu-threshold.js';
import { rgbToGrayscale } from './rgb-to-grayscale.js';

export interface ThresholdOptions {
  /** 'otsu' finds the level by itself. */
  readonly method?: 'binary' | 'otsu';
  /** White below the level instead of above. */
  readonly inverted?: boolean;
  /** The level of 'binary' in parts of 255; 0.5 when left out. */
  readonly threshValue?: number;
}

/** Black and white, int32 0 and 255, by a level of brightness. Shapes: x [h, w, 1 or 3] -> [h, w, 1]. Errors: SHAPE_MISMATCH. */
export function threshold(image: TensorLike, options: ThresholdOptions = {}): Tensor {
  const { method = 'binary', inverted = false, threshValue = 0.5 } = options;
  const x = identity(image);
  checkImages(x, 'threshold', [3]);
  const channels = axisSize(x, 2);
  if (channels !== 1 && channels !== 3) {
    throw new GraphError('SHAPE_MISMATCH', 'threshold', {
      what: 'an image has 1 channel or 3.',
      given: { x },
    });
  }
  const bright = cast(x, { dtype: floatLike(x).dtype });
  const grey = channels === 3 ? rgbToGrayscale(bright) : bright;
  const level = method === 'otsu' ? otsuThreshold(grey) : threshValue * 255;
  return mul(
    cast(inverted ? lessEqual(grey, level) : greater(grey, level), { dtype: 'int32' }),
    255,
  );
}
