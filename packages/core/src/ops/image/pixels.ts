import type { TensorLike } from '../../graph/constant.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { clipByValue } from '../arithmetic/clip-by-value.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { gather } from '../indexing/gather.js';
import { reshape } from '../shape/reshape.js';

interface PixelPlaces {
  readonly batch: TensorLike;
  readonly row: Tensor;
  readonly column: Tensor;
}

/** Whole numbers brought onto an axis, as indices. */
const placesOn = (x: Tensor, size: number): Tensor =>
  cast(clipByValue(x, { min: 0, max: Math.max(size - 1, 0) }), { dtype: 'int32' });

/** Pixels of images [n, h, w, c] at places that broadcast to one shape; places outside are moved to the edge. -> [...places, c] */
export function pixelsAt(images: Tensor, { batch, row, column }: PixelPlaces): Tensor {
  const [count, height, width, channels] = images.shape as KnownShape as [
    number,
    number,
    number,
    number,
  ];
  const lines = add(mul(batch, height), placesOn(row, height));
  const places = add(mul(lines, width), placesOn(column, width));
  return gather(reshape(images, { shape: [count * height * width, channels] }), places);
}
