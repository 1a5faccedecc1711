import { GraphError } from '../../errors.js';
import { constant } from '../../graph/constant.js';
import type { DType } from '../../graph/dtype.js';
import type { Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';

/** Refuses what is neither images [n, h, w, c] nor one image [h, w, c]. Errors: SHAPE_MISMATCH. */
export function checkImages(x: Tensor, where: string, ranks: readonly number[] = [3, 4]): void {
  if (ranks.includes(x.rank)) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `images have the axes ${ranks.includes(3) ? '[height, width, channels], with or without a batch' : '[batch, height, width, channels]'}.`,
    given: { x },
  });
}

/** The axis of rows; that of columns comes next. */
export const rowAxis = ({ rank }: Tensor): number => rank - 3;

/** The shape of images with other heights and widths. */
export const resizedShape = (x: Tensor, [height, width]: readonly [number, number]): Shape => [
  ...x.shape.slice(0, rowAxis(x)),
  height,
  width,
  x.shape.at(-1) ?? null,
];

/** A list of numbers that lies along one axis of images, for broadcasting. */
export function alongAxis(
  values: readonly number[],
  { rank, axis, dtype }: { rank: number; axis: number; dtype: DType },
): Tensor {
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? values.length : 1));
  return constant([...values], { dtype, shape });
}
