import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf, stridesOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { copyView } from '../../lower/kernel-builder.js';

const attrs = z.strictObject({
  /** Which axis of x comes at each place; the axes reversed when left out. */
  perm: z.array(z.int()).optional(),
});

function permutation(perm: readonly number[] | undefined, rank: number): number[] {
  if (!perm) return Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const axes = perm.map((axis) => axisOf(axis, rank, 'transpose'));
  if (axes.length !== rank || new Set(axes).size !== rank) {
    throw new GraphError('ATTRIBUTE_INVALID', 'transpose', {
      what: `[${perm}] is not a permutation of the ${rank} axes.`,
      fix: 'name every axis once.',
    });
  }
  return axes;
}

/** The axes in another order, `y[i_perm(0), i_perm(1), ...] = x[i_0, i_1, ...]`. Errors: ATTRIBUTE_INVALID. */
export const transpose: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'transpose',
  inputs: ['x'],
  attrs,
  infer: ({ x }, { perm }) => ({
    dtype: x.dtype,
    shape: permutation(perm, x.rank).map((axis) => x.shape[axis] as number | null),
  }),
  grad({ x, dy }, { perm }) {
    const inverse: number[] = [];
    permutation(perm, x.rank).forEach((axis, place) => {
      inverse[axis] = place;
    });
    return { x: transpose(dy, { perm: inverse }) };
  },
  lower({ inputs: { x }, output, attrs: { perm } }) {
    const strides = stridesOf(x.shape);
    return copyView(x, output, {
      strides: permutation(perm, x.shape.length).map((axis) => strides[axis] as number),
    });
  },
  simplify({ x }, { perm }) {
    const axes = permutation(perm, x.rank);
    if (axes.every((axis, place) => axis === place)) return x;
    const { op, inputs, attrs: before, controls } = x.node;
    if (op !== transpose || controls.length > 0) return null;
    const first = permutation((before as { perm?: number[] }).perm, x.rank);
    return transpose(inputs[0] as Tensor, { perm: axes.map((axis) => first[axis] as number) });
  },
  overRows: ({ x }, { perm }) =>
    transpose(x, { perm: [0, ...permutation(perm, x.rank - 1).map((axis) => axis + 1)] }),
  cuts: ({ x }, { perm }) =>
    permutation(perm, x.rank).map((axis, output) => ({ inputs: [axis], output })),
});
