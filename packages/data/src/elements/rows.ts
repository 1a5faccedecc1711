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

/** Rows `from` ... `to - 1` of an order; without one, of the tensor itself. */
export interface RowRange {
  readonly order: Uint32Array | undefined;
  readonly from: number;
  readonly to: number;
}

// A view on a row costs more than copying a few values by hand.
const worthView = 64;

/** Copies rows one after the other to the start of `target`, whose numbers may be of another kind. */
export function copyRows(
  tensor: HostTensor,
  { order, from, to }: RowRange,
  target: TypedArray,
): void {
  const values = tensor.data as Values;
  const size = values.length / (tensor.shape[0] as number);
  if (order) copyChosen({ values, size, order, from, to }, target as Values);
  else if ((to - from) * size > worthView)
    (target as Values).set(values.subarray(from * size, to * size));
  else
    for (let i = 0, at = from * size; at < to * size; i++, at++)
      (target as Values)[i] = values[at] as number;
}

interface Chosen extends RowRange {
  readonly order: Uint32Array;
  readonly values: Values;
  readonly size: number;
}

function copyChosen({ values, size, order, from, to }: Chosen, target: Values): void {
  if (size === 1) {
    for (let i = from; i < to; i++) target[i - from] = values[order[i] as number] as number;
    return;
  }
  for (let i = from; i < to; i++) {
    const start = (order[i] as number) * size;
    const at = (i - from) * size;
    if (size > worthView) target.set(values.subarray(start, start + size), at);
    else for (let j = 0; j < size; j++) target[at + j] = values[start + j] as number;
  }
}

/** Copies the rows that `order` names, one after the other, to the start of `target`. */
export const gatherRows = (tensor: HostTensor, order: Uint32Array, target: TypedArray): void =>
  copyRows(tensor, { order, from: 0, to: order.length }, target);
