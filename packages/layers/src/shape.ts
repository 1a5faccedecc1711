import { GraphError, type Shape } from '@tenon/core';

const shown = (shape: Shape): string => shape.map((size) => size ?? '?').join(', ');

/** The size of the last axis, which weights depend on. Errors: SHAPE_UNKNOWN. */
export const lastSize = (shape: Shape, where: string): number => sizeAt(shape, -1, where);

/** The size of an axis, which weights depend on; negative ones count from the end. Errors: SHAPE_UNKNOWN. */
export function sizeAt(shape: Shape, axis: number, where: string): number {
  const size = shape.at(axis);
  if (typeof size === 'number') return size;
  const which = axis === -1 ? 'the last size' : `size ${axis}`;
  throw new GraphError('SHAPE_UNKNOWN', where, {
    what: `${which} of [${shown(shape)}] must be known to make the weights.`,
    fix: `give the input a shape of which ${which} is a number.`,
  });
}

/** Refuses an input of another rank. Errors: SHAPE_MISMATCH. */
export function checkRank(
  x: { readonly shape: Shape; readonly dtype: string },
  { rank, axes, where }: { rank: number; axes: string; where: string },
): void {
  if (x.shape.length === rank) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `it takes tensors of rank ${rank}, [${axes}].`,
    given: { x },
    fix: 'reshape the input, or give the first layer an inputShape without the batch.',
  });
}
