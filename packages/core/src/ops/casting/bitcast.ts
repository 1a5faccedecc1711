import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type DType, dtypeNames, dtypes } from '../../graph/dtype.js';
import { stridesOf } from '../../graph/shape.js';
import { mapKernel } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';

const attrs = z.strictObject({ dtype: z.enum(dtypeNames) });

// Half precision is held widened between its operations, and not every byte is a bool.
const readable = (dtype: DType): boolean =>
  dtype !== 'float16' && dtype !== 'bfloat16' && dtype !== 'bool';

/** The same bits read as another dtype of the same size: float32 as int32, float64 as int64, int8 as uint8. Errors: DTYPE_MISMATCH. */
export const bitcast: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'bitcast',
  inputs: ['x'],
  attrs,
  infer({ x }, { dtype }) {
    const fits =
      dtypes[x.dtype].bytes === dtypes[dtype].bytes && readable(x.dtype) && readable(dtype);
    if (fits || x.dtype === dtype) return { dtype, shape: x.shape };
    throw new GraphError('DTYPE_MISMATCH', 'bitcast', {
      what: `the bits of ${x.dtype} can not be read as ${dtype}.`,
      given: { x },
      fix: 'use cast to convert the numbers.',
    });
  },
  grad: null,
  lower: ({ inputs: { x }, output }) =>
    mapKernel({
      output,
      inputs: [x],
      views: [{ strides: stridesOf(x.shape) }],
      value: ([bits]) =>
        x.dtype === output.dtype
          ? (bits as Expression)
          : { kind: 'bitcast', value: bits as Expression, dtype: output.dtype },
    }),
});
