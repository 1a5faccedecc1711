import { GraphError } from '../errors.js';
import { type DType, dtypes, type TypedArray } from '../graph/dtype.js';
import { HostTensor, halfCodecs } from '../graph/host-tensor.js';
import { type KnownShape, sizeOf } from '../graph/shape.js';

/** A tensor's elements as they lie in files and messages: row-major, little-endian, half precision in two bytes. */
export function bytesOf({ dtype, data }: HostTensor): Uint8Array<ArrayBuffer> {
  if (dtype !== 'float16' && dtype !== 'bfloat16') {
    return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  }
  const { encode } = halfCodecs[dtype];
  return new Uint8Array(Uint16Array.from(data as Float32Array, encode).buffer);
}

export interface Stored {
  readonly dtype: DType;
  readonly shape: KnownShape;
  /** For errors. */
  readonly where: string;
}

/** Elements back from bytes, which are copied. Errors: FORMAT_INVALID. */
export function tensorOfBytes(bytes: Uint8Array, { dtype, shape, where }: Stored): HostTensor {
  const refuse = (what: string): never => {
    throw new GraphError('FORMAT_INVALID', where, { what });
  };
  const needed = sizeOf(shape) * dtypes[dtype].bytes;
  if (bytes.length !== needed) {
    refuse(`${dtype}[${shape.join(', ')}] needs ${needed} bytes and has ${bytes.length}.`);
  }
  // Not bytes.slice(): that of a Buffer copies nothing.
  const copy = Uint8Array.from(bytes).buffer;
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const data = Float32Array.from(new Uint16Array(copy), halfCodecs[dtype].decode);
    return new HostTensor(data, shape, dtype);
  }
  const data: TypedArray = new dtypes[dtype].host(copy);
  if (dtype === 'bool' && (data as Uint8Array).some((value) => value > 1)) {
    refuse('a bool is stored as a byte that is neither 0 nor 1.');
  }
  return new HostTensor(data, shape, dtype);
}
