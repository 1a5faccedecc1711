import { type DType, dtypes, GraphError, HostTensor, maxElements, maxRank } from '@tenon/core';
import { gunzip, isGzip } from './gunzip.js';
import { readFile } from './read-file.js';

interface Code {
  readonly dtype: DType;
  /** Bytes of one element in the file. */
  readonly bytes: number;
  read(view: DataView, offset: number): number;
}

const codes: Readonly<Record<number, Code>> = {
  8: { dtype: 'uint8', bytes: 1, read: (view, offset) => view.getUint8(offset) },
  9: { dtype: 'int8', bytes: 1, read: (view, offset) => view.getInt8(offset) },
  11: { dtype: 'int32', bytes: 2, read: (view, offset) => view.getInt16(offset) },
  12: { dtype: 'int32', bytes: 4, read: (view, offset) => view.getInt32(offset) },
  13: { dtype: 'float32', bytes: 4, read: (view, offset) => view.getFloat32(offset) },
  14: { dtype: 'float64', bytes: 8, read: (view, offset) => view.getFloat64(offset) },
};

export interface IdxOptions {
  /** Most bytes that a gzip file may unfold to; 1 GiB when absent. */
  readonly maxBytes?: number;
}

/**
 * Reads an IDX file, plain or gzip, from bytes or from a path (Node only). 16-bit integers are widened to int32.
 * Errors: FORMAT_INVALID, FILE_NOT_FOUND.
 * Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", section on file formats.
 *
 * @example
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]);
 * (await readIdx(bytes)).array(); // [7, 8, 9]
 */
export async function readIdx(
  source: Uint8Array | ArrayBuffer | string | URL,
  { maxBytes = 2 ** 30 }: IdxOptions = {},
): Promise<HostTensor> {
  const bytes = await bytesOf(source);
  return parseIdx(isGzip(bytes) ? await gunzip(bytes, { where: 'readIdx', maxBytes }) : bytes);
}

async function bytesOf(source: Uint8Array | ArrayBuffer | string | URL): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  return source instanceof ArrayBuffer ? new Uint8Array(source) : readFile(source, 'readIdx');
}

/** Reads the unpacked bytes of an IDX file. Errors: FORMAT_INVALID. */
export function parseIdx(bytes: Uint8Array): HostTensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { code, shape, start, elements } = header(view);
  const { dtype, bytes: size, read } = code;
  if (dtype === 'uint8') return new HostTensor(bytes.slice(start), shape);
  const data = new dtypes[dtype].host(elements);
  for (let i = 0; i < elements; i++) data[i] = read(view, start + i * size);
  return new HostTensor(data, shape, dtype);
}

function header(view: DataView) {
  const length = view.byteLength;
  if (length < 4 || view.getUint16(0) !== 0) refuse('the file does not begin like an IDX file.');
  const code = codes[view.getUint8(2)];
  const rank = view.getUint8(3);
  if (!code) return refuse(`type code ${view.getUint8(2)} is not one of IDX.`);
  if (rank > maxRank) refuse(`it has ${rank} axes; at most ${maxRank} are possible.`);
  const start = 4 + 4 * rank;
  if (length < start) refuse(`it ends within the sizes of its ${rank} axes.`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const largest = shape.reduce((product, size) => product * (size || 1), 1);
  if (largest > maxElements) refuse(`the shape [${shape.join(', ')}] is too large.`);
  const elements = shape.includes(0) ? 0 : largest;
  const wanted = start + elements * code.bytes;
  if (length !== wanted) {
    refuse(`the shape [${shape.join(', ')}] needs ${wanted} bytes, there are ${length}.`);
  }
  return { code, shape, start, elements };
}

function refuse(what: string): never {
  throw new GraphError('FORMAT_INVALID', 'readIdx', { what });
}
