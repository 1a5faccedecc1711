import { cast, expandDims, GraphError, type Shape, squeeze, type Tensor } from '@tenon/core';

const fits = (a: Shape, b: Shape): boolean =>
  a.length === b.length &&
  a.every((size, axis) => size === null || b[axis] === null || size === b[axis]);

/**
 * The target in the dtype of the output. One number for each example, [batch], also stands for [batch, 1].
 * Errors: SHAPE_MISMATCH where shapes differ, which broadcasting would hide.
 */
export function targetLike(where: string, target: Tensor, output: Tensor): Tensor {
  const found = inRankOf(target, output);
  if (fits(found.shape, output.shape)) return cast(found, { dtype: output.dtype });
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: 'targets and outputs have different shapes.',
    given: { target, output },
    fix: `give targets of the shape of the outputs${target.rank < output.rank ? '; for class numbers use sparseCategoricalCrossentropy' : ''}.`,
  });
}

function inRankOf(target: Tensor, output: Tensor): Tensor {
  if (target.rank === output.rank - 1 && output.shape.at(-1) === 1)
    return expandDims(target, { axis: -1 });
  if (target.rank === output.rank + 1 && target.shape.at(-1) === 1)
    return squeeze(target, { axis: -1 });
  return target;
}
