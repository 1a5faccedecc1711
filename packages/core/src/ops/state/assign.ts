import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { constantOf } from '../../graph/constant.js';
import { defineOp } from '../../graph/define-op.js';
import { hostTensor } from '../../graph/host-tensor.js';
import { mergeShapes, shapesAgree } from '../../graph/shape.js';
import { Tensor } from '../../graph/tensor.js';
import type { Variable } from '../../graph/variable.js';
import { add } from '../arithmetic/add.js';
import { sub } from '../arithmetic/sub.js';
import { read } from './read.js';

/** Sets a variable at the end of the run; the output is the new value. */
export const assignOp = /* @__PURE__ */ defineOp({
  name: 'assign',
  inputs: ['variable', 'value'],
  role: 'update',
  infer({ variable, value }) {
    if (variable.node.op.role !== 'variable') {
      throw new GraphError('GRAPH_INVALID', 'assign', {
        what: 'the first input is not a variable.',
        given: { variable },
      });
    }
    if (variable.dtype !== value.dtype || !shapesAgree(variable.shape, value.shape)) {
      throw new GraphError(
        variable.dtype === value.dtype ? 'SHAPE_MISMATCH' : 'DTYPE_MISMATCH',
        'assign',
        {
          what: `the value does not fit the variable ${variable.node.attrs.name}.`,
          given: { variable, value },
        },
      );
    }
    return { dtype: variable.dtype, shape: mergeShapes(variable.shape, value.shape) };
  },
  grad: null,
  lower: () => ({ kind: 'alias', input: 1 }),
});

/**
 * Sets `variable` to `value` when the run has ended: every read in the run still sees the value from before, except those
 * made under `controlDependencies`. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; UPDATE_CONFLICT at the run, for two unordered updates.
 */
export function assign(variable: Variable, value: TensorLike): Tensor {
  const given =
    value instanceof Tensor
      ? value
      : constantOf(
          hostTensor(value, { dtype: variable.dtype, where: 'assign' }),
          undefined,
          'assign',
        );
  return assignOp(variable, given);
}

/** `variable <- variable + value`. */
export const assignAdd = (variable: Variable, value: TensorLike): Tensor =>
  assign(variable, add(read(variable), value));

/** `variable <- variable - value`. */
export const assignSub = (variable: Variable, value: TensorLike): Tensor =>
  assign(variable, sub(read(variable), value));
