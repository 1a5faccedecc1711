import { attendBackward } from '../attention/backward.js';
import { attendForward } from '../attention/forward.js';
import type { Local } from '../encoder/function.js';
import type { EmitTemplate } from './template.js';

/** y = softmax(scale q k^T + mask) v, with the largest score and the sum of exponentials of each query. */
export const emitAttention: EmitTemplate<'attention'> = ({ geometry }, kernel) => {
  const [q, k, v, mask] = kernel.inputs as [Local, Local, Local, Local?];
  const [y, most, total] = kernel.outputs as [Local, Local, Local];
  return attendForward(kernel, geometry, { q, k, v, mask, y, most, total });
};

/** dq, dk and dv from weights that are computed again. */
export const emitAttentionGradient: EmitTemplate<'attentionGradient'> = ({ geometry }, kernel) => {
  const inputs = kernel.inputs as readonly [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local?,
  ];
  const [q, k, v, most, total, delta, flow, mask] = inputs;
  const [dq, dk, dv] = kernel.outputs as [Local, Local, Local];
  const buffers = { q, k, v, most, total, delta, flow, mask, dq, dk, dv };
  return attendBackward(kernel, geometry, buffers);
};
