import { z } from 'zod';
import { defineOp } from '../../graph/define-op.js';
import { type DType, dtypeNames } from '../../graph/dtype.js';
import type { Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';

/** A value that is given anew at each run. */
export const placeholderOp = /* @__PURE__ */ defineOp({
  name: 'placeholder',
  inputs: [],
  attrs: z.strictObject({
    name: z.string().default('placeholder'),
    dtype: z.enum(dtypeNames).default('float32'),
    shape: z.array(z.number().nullable()),
  }),
  role: 'input',
  infer: (_inputs, { dtype, shape }) => ({ dtype, shape }),
  grad: () => ({}),
});

/** A tensor to be fed: `session.run(y, { feeds: [[x, data]] })`. Sizes that differ from run to run are `null`. */
export const placeholder = (options: { shape: Shape; dtype?: DType; name?: string }): Tensor =>
  placeholderOp({ ...options, shape: [...options.shape] });
