import { type DType, dtypes, type TypedArray } from '../graph/dtype.js';
import { type HostTensor, halfCodecs } from '../graph/host-tensor.js';
import { sizeOf } from '../graph/shape.js';
import type { KnownSpec } from '../lower/lowering.js';

export const isHalf = (dtype: DType): dtype is 'float16' | 'bfloat16' =>
  dtype === 'float16' || dtype === 'bfloat16';

/** Copies host values into device memory. */
export function writeHost(target: TypedArray, dtype: DType, { data }: HostTensor): void {
  if (isHalf(dtype)) encodeHalf(dtype, data as Float32Array, target as Uint16Array);
  else (target as Float32Array).set(data as Float32Array);
}

/** A host array of the values in device memory. */
export function readHost(source: TypedArray, dtype: DType): TypedArray {
  if (!isHalf(dtype)) return source.slice() as TypedArray;
  const host = new Float32Array(source.length);
  decodeHalf(dtype, source as Uint16Array, host);
  return host;
}

export function encodeHalf(
  dtype: 'float16' | 'bfloat16',
  from: Float32Array,
  to: Uint16Array,
): void {
  const { encode } = halfCodecs[dtype];
  for (let i = 0; i < from.length; i++) to[i] = encode(from[i] as number);
}

export function decodeHalf(
  dtype: 'float16' | 'bfloat16',
  from: Uint16Array,
  to: Float32Array,
): void {
  const { decode } = halfCodecs[dtype];
  for (let i = 0; i < from.length; i++) to[i] = decode(from[i] as number);
}

/** A view of `count` elements of device memory. */
export const viewOf = (
  dtype: DType,
  memory: ArrayBufferLike,
  offset: number,
  count: number,
): TypedArray => new dtypes[dtype].device(memory, offset, count);

/** Memory of its own for a value. */
export const allocated = ({ dtype, shape }: KnownSpec): TypedArray =>
  new dtypes[dtype].device(sizeOf(shape));
