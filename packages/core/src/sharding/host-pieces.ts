import { dtypes, type TypedArray } from '../graph/dtype.js';
import { HostTensor } from '../graph/host-tensor.js';
import { sizeOf } from '../graph/shape.js';
import type { AxisRange } from './cut.js';
import { withSize } from './cut.js';

/** A range of an axis of a value, copied. */
export function cutHost(value: HostTensor, axis: number, { begin, size }: AxisRange): HostTensor {
  const shape = withSize(value.shape, axis, size);
  const data = emptyLike(value, sizeOf(shape));
  const inner = sizeOf(value.shape.slice(axis + 1));
  const [from, run] = [(value.shape[axis] as number) * inner, size * inner];
  for (let row = 0; row < sizeOf(shape.slice(0, axis)); row++) {
    const first = row * from + begin * inner;
    (data as Float32Array).set(value.data.subarray(first, first + run) as Float32Array, row * run);
  }
  return new HostTensor(data, shape, value.dtype);
}

/** Values one after the other along an axis; the only one as it is. */
export function joinHost(parts: readonly HostTensor[], axis: number): HostTensor {
  const [first] = parts as readonly [HostTensor];
  if (parts.length === 1) return first;
  const extent = parts.reduce((total, { shape }) => total + (shape[axis] as number), 0);
  const shape = withSize(first.shape, axis, extent);
  const data = emptyLike(first, sizeOf(shape));
  const width = sizeOf(shape.slice(axis));
  let offset = 0;
  for (const part of parts) {
    const run = sizeOf(part.shape.slice(axis));
    for (let row = 0; row < sizeOf(shape.slice(0, axis)); row++) {
      const piece = part.data.subarray(row * run, (row + 1) * run);
      (data as Float32Array).set(piece as Float32Array, row * width + offset);
    }
    offset += run;
  }
  return new HostTensor(data, shape, first.dtype);
}

const emptyLike = ({ dtype }: HostTensor, size: number): TypedArray =>
  new dtypes[dtype].host(size) as TypedArray;
