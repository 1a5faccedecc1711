import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { slice } from '../slicing/slice.js';
import { concat } from './concat.js';

const each = z.union([z.int(), z.array(z.int())]);
const attrs = z.strictObject({
  /** How far elements move towards the end, for each axis that is named. */
  shift: each,
  axis: each.default(0),
});

type RollAttrs = z.output<typeof attrs>;

function moves(x: Tensor, { shift, axis }: RollAttrs): [axis: number, by: number][] {
  const [by, axes] = [[shift].flat(), [axis].flat()];
  if (by.length !== axes.length) {
    throw new GraphError('ATTRIBUTE_INVALID', 'roll', {
      what: `${by.length} shifts were given for ${axes.length} axes.`,
      given: { x },
      fix: 'give one shift for every axis.',
    });
  }
  return axes.map((a, i) => [axisOf(a, x.rank, 'roll'), by[i] as number]);
}

function rolled(x: Tensor, axis: number, by: number): Tensor {
  const size = x.shape[axis] as number;
  const cut = size === 0 ? 0 : ((-by % size) + size) % size;
  if (cut === 0) return x;
  const at = (begin: number, count: number) =>
    slice(x, {
      begin: x.shape.map((_, i) => (i === axis ? begin : 0)),
      size: x.shape.map((_, i) => (i === axis ? count : -1)),
    });
  return concat([at(cut, size - cut), at(0, cut)], { axis });
}

/** x moved along axes, what leaves at one end coming in at the other: `y[i] = x[(i - shift) mod n]`. Errors: ATTRIBUTE_INVALID. */
export const roll: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'roll',
  inputs: ['x'],
  attrs,
  infer({ x }, given) {
    moves(x, given);
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: ({ dy }, { shift, axis }) => ({
    x: roll(dy, { shift: [shift].flat().map((by) => -by), axis: [axis].flat() }),
  }),
  expand: ({ x }, given) => moves(x, given).reduce((y, [axis, by]) => rolled(y, axis, by), x),
});
