import { GraphError, type Shape } from '@tenon/core';

/** The size of the last axis, which weights depend on. Errors: SHAPE_UNKNOWN. */
export function lastSize(shape: Shape, where: string): number {
  const size = shape.at(-1);
  if (typeof size === 'number') return size;
  throw new GraphError('SHAPE_UNKNOWN', where, {
    what: `the last size of [${shape.map((s) => s ?? '?').join(', ')}] must be known to make the weights.`,
    fix: 'give the input a shape whose last size is a number.',
  });
}
