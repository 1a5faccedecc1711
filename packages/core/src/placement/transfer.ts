import { z } from 'zod';
import { defineOp } from '../graph/define-op.js';
import { dtypeNames } from '../graph/dtype.js';

/** Hands its input to the rendezvous under a key. Put in by partitioning only. */
export const send = /* @__PURE__ */ defineOp({
  name: 'send',
  inputs: ['x'],
  attrs: z.strictObject({ key: z.string() }),
  role: 'host',
  infer: () => ({ dtype: 'float32', shape: [0] }),
  grad: null,
  lower: ({ attrs: { key } }) => ({ kind: 'send', key }),
});

/** Takes a value from the rendezvous. Put in by partitioning only. */
export const receive = /* @__PURE__ */ defineOp({
  name: 'receive',
  inputs: [],
  attrs: z.strictObject({ key: z.string(), dtype: z.enum(dtypeNames), shape: z.array(z.number()) }),
  role: 'host',
  infer: (_inputs, { dtype, shape }) => ({ dtype, shape }),
  grad: null,
  lower: ({ attrs: { key } }) => ({ kind: 'receive', key }),
});
