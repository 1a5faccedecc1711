import {
  dtypes,
  GraphError,
  type HostTensor,
  readHost,
  type TypedArray,
  writeHost,
} from '@tenon/core';
import type { Sent } from '../rendezvous/index.js';
import type { TensorHeader } from './tensor-header.js';

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of an array in memory, without a copy. Errors: DEVICE_LIMIT (a big-endian machine). */
export function bytesOf(array: TypedArray): Uint8Array {
  if (!littleEndian) {
    throw new GraphError('DEVICE_LIMIT', 'transport', {
      what: 'tensors travel as they lie in little-endian memory; this machine is big-endian.',
    });
  }
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A value as header and bytes. Only half precision and narrowed values are copied. */
export function wireValue({ value, wire }: Sent): { header: TensorHeader; bytes: Uint8Array } {
  const { dtype, shape } = value;
  const narrowed = dtype === 'float32' && wire === 'bfloat16';
  const bytes = bytesOf(narrowed ? toBfloat16(value.data as Float32Array) : wireArray(value));
  const header = { dtype, wire: narrowed ? wire : dtype, shape, bytes: bytes.byteLength };
  return { header, bytes };
}

function wireArray(value: HostTensor): TypedArray {
  if (value.dtype === 'bfloat16') return toBfloat16(value.data as Float32Array);
  if (value.dtype !== 'float16') return value.data;
  const halves = new Uint16Array(value.size);
  writeHost(halves, 'float16', value);
  return halves;
}

/** Upper halves of float32 bits, rounded to nearest, ties to even; NaN stays NaN. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const raw = bits[i] as number;
    // A NaN whose low bits alone are set would round to infinity.
    const notNumber = (raw & 0x7fffffff) > 0x7f800000;
    halves[i] = notNumber ? (raw >>> 16) | 0x40 : (raw + 0x7fff + ((raw >>> 16) & 1)) >>> 16;
  }
  return halves;
}

const widenings = new Map<string, Float32Array>();

/** The float32 of each of the 65,536 halves. */
export function widening(wire: 'bfloat16' | 'float16'): Float32Array {
  let table = widenings.get(wire);
  if (!table) {
    const halves = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    table = readHost(halves, wire) as Float32Array;
    widenings.set(wire, table);
  }
  return table;
}

/** Whether elements lie on the wire as in host memory. */
export const isVerbatim = ({ dtype, wire }: TensorHeader): boolean =>
  dtype === wire && dtypes[dtype].host === dtypes[dtype].device;
