import { dtypes, HostTensor, type TypedArray } from '@tenon/core';

/** Typed arrays of one class, whichever it is: what is done here is the same for all. */
type Values = Float32Array;

/** Number of values of one row. */
export const rowSizeOf = ({ shape }: HostTensor): number =>
  shape.slice(1).reduce((product, size) => product * size, 1);

/** Row `index` of a tensor; it shares the tensor's memory. Shapes: [rows, ...] -> [...]. */
export function rowOf(tensor: HostTensor, index: number): HostTensor {
  const size = rowSizeOf(tensor);
  const data = tensor.data.subarray(index * size, (index + 1) * size);
  return new HostTensor(data, tensor.shape.slice(1), tensor.dtype);
}

/** Memory for `count` rows like those of `tensor`. */
export const rowBuffer = (tensor: HostTensor, count: number): TypedArray =>
  new dtypes[tensor.dtype].host(count * rowSizeOf(tensor));

/** Copies the rows that `order` names, one after the other, to the start of `target`. */
export function gatherRows(tensor: HostTensor, order: Uint32Array, target: TypedArray): void {
  const size = rowSizeOf(tensor);
  const from = tensor.data as Values;
  const to = target as Values;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    // A subarray costs more than copying a few values by hand.
    if (size > 16) to.set(from.subarray(row * size, (row + 1) * size), i * size);
    else for (let j = 0; j < size; j++) to[i * size + j] = from[row * size + j] as number;
  }
}
