import type { KnownShape } from '../graph/shape.js';
import type { Tensor } from '../graph/tensor.js';

/** `size` elements of an axis from `begin` on. */
export interface AxisRange {
  readonly begin: number;
  readonly size: number;
}

/** One way to compute an application piece by piece. Known shapes only. */
export interface Cut {
  /** For each input the axis that is cut; null where every piece takes it whole. */
  readonly inputs: readonly (number | null)[];
  /** Axis along which the results are joined; null where they are added. */
  readonly output: number | null;
  /** The result for one range of the axis; left out where it is the op with the same attributes on the pieces of its inputs. */
  piece?(inputs: readonly Tensor[], range: AxisRange): Tensor;
}

/** The cuts of an op that works on each element by itself, its inputs broadcast to `shape`: one for each axis. */
export function elementwiseCuts(inputs: readonly Tensor[], shape: KnownShape): Cut[] {
  return shape.flatMap((size, output) => {
    if (size <= 1) return [];
    const axes = inputs.map((input) => {
      const axis = output - (shape.length - input.rank);
      return axis >= 0 && input.shape[axis] === size ? axis : null;
    });
    return [{ inputs: axes, output }];
  });
}

/** A shape with another size on one axis. */
export const withSize = (shape: KnownShape, axis: number, size: number): number[] =>
  shape.map((extent, i) => (i === axis ? size : extent));
