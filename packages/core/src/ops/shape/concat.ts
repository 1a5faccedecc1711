import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import { axisOf, mergeShapes, type Shape, shapesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { cast } from '../casting/cast.js';
import { joinKernel } from './join-kernel.js';
import { splitLike } from './split-like.js';

const attrs = z.strictObject({ axis: z.int().default(0) });

function joinedShape(values: readonly Tensor[], axis: number): Shape {
  const [first] = values;
  if (!first) {
    throw new GraphError('SHAPE_MISMATCH', 'concat', {
      what: 'there is nothing to join.',
      fix: 'give at least one tensor.',
    });
  }
  const joined = axisOf(axis, first.rank, 'concat');
  const apart = ({ shape }: Tensor): Shape => shape.filter((_, i) => i !== joined);
  let others = apart(first);
  for (const value of values) {
    if (value.rank !== first.rank || !shapesAgree(apart(value), others)) {
      throw new GraphError('SHAPE_MISMATCH', 'concat', {
        what: `the tensors differ on an axis other than ${axis}.`,
        given: { values },
        fix: 'only the axis along which they are joined may differ.',
      });
    }
    others = mergeShapes(others, apart(value));
  }
  const sizes = values.map(({ shape }) => shape[joined] as number | null);
  const total = sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
  return [...others.slice(0, joined), total, ...others.slice(joined)];
}

const dtypeOf = (values: readonly Tensor[]) => values.map(({ dtype }) => dtype).reduce(promote);

/** Tensors one after the other along an axis, in the promoted dtype. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID. */
export const concat: Op<readonly ['...values'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'concat',
  inputs: ['...values'],
  attrs,
  infer({ values }, { axis }) {
    const shape = joinedShape(values, axis);
    return { dtype: dtypeOf(values), shape };
  },
  grad: ({ values, dy }, { axis }) => ({ values: splitLike(dy, values, { axis }) }),
  expand({ values }, { axis }) {
    const dtype = dtypeOf(values);
    if (values.every((value) => value.dtype === dtype)) return null;
    return concat(
      values.map((value) => cast(value, { dtype })),
      { axis },
    );
  },
  lower: ({ inputs: { values }, output, attrs: { axis } }) =>
    joinKernel({
      whole: output,
      parts: values,
      axis: axisOf(axis, output.shape.length, 'concat'),
      direction: 'join',
    }),
  simplify: ({ values }) => (values.length === 1 ? (values[0] as Tensor) : null),
  cuts({ values }, { axis }) {
    const [first] = values as readonly [Tensor];
    const joined = axisOf(axis, first.rank, 'concat');
    return first.shape.flatMap((_, other) =>
      other === joined ? [] : [{ inputs: values.map(() => other), output: other }],
    );
  },
  joins: ({ values }, { axis }) => axisOf(axis, (values[0] as Tensor).rank, 'concat'),
});
