import { checkedShape, type DType, dtypes, GraphError, HostTensor, sizeOf } from '@tenon/core';
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
  const start = 4 + 4 * rank;
  if (length < start) refuse(`it ends within the sizes of its ${rank} axes.`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = elementsOf(shape);
  const wanted = start + elements * code.bytes;
  if (length !== wanted) {
    refuse(`the shape [${shape.join(', ')}] needs ${wanted} bytes, there are ${length}.`);
  }
  return { code, shape, start, elements };
}

/** Number of elements; a shape that no tensor can have is the file's fault. */
function elementsOf(shape: readonly number[]): number {
  try {
    return sizeOf(checkedShape(shape, 'readIdx'));
  } catch (cause) {
    return refuse(`no tensor has the shape [${shape.join(', ')}].`, cause);
  }
}

function refuse(what: string, cause?: unknown): never {
  throw new GraphError('FORMAT_INVALID', 'readIdx', { what, cause });
}
