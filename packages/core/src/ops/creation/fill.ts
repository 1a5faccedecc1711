import { constant } from '../../graph/constant.js';
import type { DType } from '../../graph/dtype.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastTo } from '../shape/broadcast-to.js';

/** A tensor of one value; numbers give float32 when no dtype is given. Errors: ATTRIBUTE_INVALID. */
export const fill = ({
  shape,
  value,
  dtype,
}: {
  shape: KnownShape;
  value: number | bigint | boolean;
  dtype?: DType | undefined;
}): Tensor => broadcastTo(constant(value, dtype ? { dtype } : {}), { shape: [...shape] });
