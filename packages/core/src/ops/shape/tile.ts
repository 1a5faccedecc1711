import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { broadcastTo } from './broadcast-to.js';
import { reshape } from './reshape.js';

const attrs = z.strictObject({ reps: z.array(z.int().min(0)) });

/** x repeated `reps[axis]` times along every axis, `y[i] = x[i mod n]`. Errors: ATTRIBUTE_INVALID. */
export const tile: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'tile',
  inputs: ['x'],
  attrs,
  infer({ x }, { reps }) {
    if (reps.length !== x.rank) {
      throw new GraphError('ATTRIBUTE_INVALID', 'tile', {
        what: `reps has ${reps.length} numbers for ${x.rank} axes.`,
        given: { x },
        fix: 'give one number of repetitions for every axis.',
      });
    }
    return {
      dtype: x.dtype,
      shape: x.shape.map((size, axis) => (size === null ? null : size * (reps[axis] as number))),
    };
  },
  grad: 'expand',
  expand({ x }, { reps }) {
    const shape = x.shape as KnownShape;
    const rows = (first: (times: number) => number) =>
      shape.flatMap((size, axis) =>
        reps[axis] === 1 ? [size] : [first(reps[axis] as number), size],
      );
    const repeated = broadcastTo(reshape(x, { shape: rows(() => 1) }), {
      shape: rows((times) => times),
    });
    return reshape(repeated, { shape: shape.map((size, axis) => size * (reps[axis] as number)) });
  },
});
