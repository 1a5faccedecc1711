import {
  bytesOf,
  checkedShape,
  type DType,
  dtypeNames,
  GraphError,
  type HostTensor,
  tensorOfBytes,
} from '@tenon/core';
import type { TensorMessage } from './gen/distributed_pb.js';

/** A tensor as it travels: its memory, not a copy, except where half precision is packed. */
export const messageOf = (tensor: HostTensor): Omit<TensorMessage, '$typeName'> => ({
  dtype: tensor.dtype,
  shape: [...tensor.shape],
  data: bytesOf(tensor),
});

/** The same with a copy of its memory, for what is sent later. */
export function copiedMessageOf(tensor: HostTensor): Omit<TensorMessage, '$typeName'> {
  const message = messageOf(tensor);
  return { ...message, data: message.data.slice() };
}

/** The tensor of a message; `where` names it in errors. Errors: FORMAT_INVALID, SHAPE_INVALID. */
export function tensorOf(message: TensorMessage | undefined, where: string): HostTensor {
  const { dtype = '', shape = [], data = new Uint8Array() } = message ?? {};
  if (!dtypeNames.includes(dtype as DType)) {
    throw new GraphError('FORMAT_INVALID', where, { what: `there is no dtype "${dtype}".` });
  }
  return tensorOfBytes(data, { dtype: dtype as DType, shape: checkedShape(shape, where), where });
}
