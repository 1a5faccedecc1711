import { z } from 'zod';
import { GraphError } from '../errors.js';
import type { DType, TypedArray } from './dtype.js';
import { dtypes } from './dtype.js';
import { HostTensor, type HostTensorOptions, hostTensor, type TensorData } from './host-tensor.js';
import { makeNode, opInfo } from './op.js';
import { currentScope } from './scope.js';
import type { KnownShape } from './shape.js';
import { Tensor } from './tensor.js';

/** What ops take as an input: an expression, or data that becomes a constant. */
export type TensorLike = Tensor | TensorData;

/** A value that is part of the graph. */
export const constantOp = /* @__PURE__ */ opInfo({
  name: 'constant',
  inputs: [],
  attrs: z.strictObject({ value: z.instanceof(HostTensor) }),
  infer: (_inputs, { value }) => ({ dtype: value.dtype, shape: value.shape }),
  grad: () => ({}),
  lower: ({ attrs }) => ({ kind: 'constant', value: attrs.value }),
});

function constantNode(value: HostTensor): Tensor {
  const { device, path, region } = currentScope();
  const parts = {
    op: constantOp,
    inputs: [],
    attrs: { value },
    controls: [],
    device,
    path,
    region,
  };
  return makeNode(parts).outputs[0] as Tensor;
}

/** The values as they are now: the caller may go on using an array that became part of a graph. */
export function snapshot(data: TensorData, options: HostTensorOptions): HostTensor {
  const value = hostTensor(data, options);
  if ((value.data as unknown) !== data) return value;
  return new HostTensor(value.data.slice() as TypedArray, value.shape, value.dtype);
}

/** A tensor of given values. Numbers give float32, bigints int64, booleans bool, typed arrays their own dtype. Errors: VALUE_INVALID. */
export function constant(
  data: TensorData,
  options: { dtype?: DType; shape?: KnownShape } = {},
): Tensor {
  return constantNode(snapshot(data, { ...options, where: 'constant' }));
}

// A bare number takes the dtype of the tensor beside it, so that mul(halfPrecision, 0.5) stays in half precision.
function literalDType(
  value: number | bigint | boolean,
  like: Tensor | undefined,
): DType | undefined {
  if (!like || typeof value === 'boolean') return undefined;
  const { kind } = dtypes[like.dtype];
  if (kind === 'float') return like.dtype;
  if (kind === 'int' && Number.isInteger(Number(value))) return like.dtype;
  return undefined;
}

/** The tensor that an argument stands for. Errors: VALUE_INVALID. */
export function constantOf(value: TensorLike, like: Tensor | undefined, where: string): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return constantNode(hostTensor(value, { dtype: literalDType(value, like), where }));
  }
  return constantNode(snapshot(value as TensorData, { where }));
}

/** The tensor that an argument of whole numbers stands for: plain numbers become int32. Errors: VALUE_INVALID. */
export function integerConstantOf(value: TensorLike, where: string): Tensor {
  if (value instanceof Tensor) return value;
  const host = snapshot(value as TensorData, { where });
  if (
    dtypes[host.dtype].kind !== 'float' ||
    value instanceof HostTensor ||
    ArrayBuffer.isView(value)
  )
    return constantNode(host);
  for (const element of host.data) {
    if (element !== (Number(element) | 0)) {
      throw new GraphError('VALUE_INVALID', where, {
        what: `${element} is not a whole number of 32 bits.`,
        fix: 'give whole numbers, or bigints for int64.',
      });
    }
  }
  return constantNode(hostTensor(host, { dtype: 'int32' }));
}

/** Whether the tensor is a constant whose elements all are `value`; -0 and 0 differ. */
export function isFilledWith(tensor: Tensor, value: number): boolean {
  if (tensor.node.op !== constantOp) return false;
  const { data } = tensor.node.attrs.value as HostTensor;
  for (const element of data) if (!Object.is(Number(element), value)) return false;
  return data.length > 0;
}
