import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axesOf, isKnown, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshapeLike } from './reshape-like.js';

const attrs = z.strictObject({
  /** Which axes to drop; all of size 1 when left out. */
  axis: z.union([z.int(), z.array(z.int())]).optional(),
});

function dropped(x: Tensor, axis: number | readonly number[] | undefined): readonly number[] {
  if (axis === undefined || (typeof axis !== 'number' && axis.length === 0)) {
    if (isKnown(x.shape)) return x.shape.flatMap((size, i) => (size === 1 ? [i] : []));
    throw new GraphError('SHAPE_UNKNOWN', 'squeeze', {
      what: 'which axes have size 1 is not known yet.',
      given: { x },
      fix: 'name the axes.',
    });
  }
  const axes = axesOf(axis, x.rank, 'squeeze');
  const wrong = axes.find((i) => !sizesAgree(x.shape[i] as number | null, 1));
  if (wrong === undefined) return axes;
  throw new GraphError('SHAPE_MISMATCH', 'squeeze', {
    what: `axis ${wrong} has size ${x.shape[wrong]}, not 1.`,
    given: { x },
    fix: 'drop axes of size 1 only.',
  });
}

/** x without axes of size 1. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH, SHAPE_UNKNOWN. */
export const squeeze: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'squeeze',
  inputs: ['x'],
  attrs,
  infer({ x }, { axis }) {
    const gone = dropped(x, axis);
    return { dtype: x.dtype, shape: x.shape.filter((_, i) => !gone.includes(i)) };
  },
  grad: ({ x, dy }) => ({ x: reshapeLike(dy, x) }),
  lower: () => ({ kind: 'alias', input: 0 }),
});
