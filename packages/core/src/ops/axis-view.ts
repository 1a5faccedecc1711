import { type KnownShape, sizeOf } from '../graph/shape.js';
import type { AxisView } from '../lower/template.js';

/** A shape seen as [outer, size, inner] around one axis, counted from the front. */
export const axisView = (shape: KnownShape, axis: number): AxisView => ({
  outer: sizeOf(shape.slice(0, axis)),
  size: shape[axis] as number,
  inner: sizeOf(shape.slice(axis + 1)),
});
