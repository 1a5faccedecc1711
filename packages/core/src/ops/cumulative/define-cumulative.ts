import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import type { GradientContext } from '../../graph/op.js';
import { axisOf } from '../../graph/shape.js';

import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import type { Combine } from '../../lower/loop-ir.js';
import { axisView } from '../axis-view.js';
import { cast } from '../casting/cast.js';

const cumulativeAttrs = z.strictObject({
  axis: z.int().default(0),
  /** Leave out the element itself: the first result is that of no elements. */
  exclusive: z.boolean().default(false),
  /** Start from the far end. */
  reverse: z.boolean().default(false),
});

export type CumulativeAttrs = z.output<typeof cumulativeAttrs>;
export type CumulativeOp = Op<readonly ['x'], typeof cumulativeAttrs>;

interface CumulativeRow {
  readonly name: string;
  readonly combine: Combine;
  result?(x: TensorSpec): DType;
  grad(context: GradientContext<readonly ['x']>, attrs: CumulativeAttrs): { x: Tensor };
}

/** An op that gives every partial result of folding one axis. */
export function defineCumulative({
  name,
  combine,
  result = ({ dtype }) => dtype,
  grad,
}: CumulativeRow): CumulativeOp {
  const op: CumulativeOp = defineOp({
    name,
    inputs: ['x'],
    attrs: cumulativeAttrs,
    infer({ x }, { axis }) {
      axisOf(axis, x.rank, name);
      return { dtype: result(x), shape: x.shape };
    },
    grad,
    expand: ({ x }, attrs) =>
      result(x) === x.dtype ? null : op(cast(x, { dtype: result(x) }), attrs),
    lower: ({ inputs: { x }, attrs: { axis, exclusive, reverse } }) => ({
      kind: 'template',
      template: {
        kind: 'cumulative',
        dtype: x.dtype,
        combine,
        view: axisView(x.shape, axisOf(axis, x.shape.length, name)),
        exclusive,
        reverse,
      },
    }),
  });
  return op;
}
