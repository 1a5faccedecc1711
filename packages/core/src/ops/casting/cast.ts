import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { dtypeNames, isFloat } from '../../graph/dtype.js';
import { type KnownShape, stridesOf } from '../../graph/shape.js';
import { copyView } from '../../lower/kernel-builder.js';
import { elementwiseCuts } from '../../sharding/cut.js';

const attrs = z.strictObject({ dtype: z.enum(dtypeNames) });

/**
 * The same numbers in another dtype. Floats to integers truncate towards zero and wrap; anything but 0 becomes true;
 * halves round to even.
 */
export const cast: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'cast',
  inputs: ['x'],
  attrs,
  infer: ({ x }, { dtype }) => ({ dtype, shape: x.shape }),
  grad: ({ x, dy }) => ({ x: isFloat(x.dtype) ? cast(dy, { dtype: x.dtype }) : null }),
  lower: ({ inputs: { x }, output }) => copyView(x, output, { strides: stridesOf(x.shape) }),
  simplify: ({ x }, { dtype }) => (x.dtype === dtype ? x : null),
  overRows: ({ x }, given) => cast(x, given),
  cuts: ({ x }) => elementwiseCuts([x], x.shape as KnownShape),
});
