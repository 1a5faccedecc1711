import { GraphError } from '../errors.js';
import { dtypes } from '../graph/dtype.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { checkKey } from './json.js';
import { formatNames, maxHeaderBytes, readHeader } from './safetensors-header.js';
import { bytesOf, tensorOfBytes } from './stored-tensor.js';

/** Tensors by name, as a map or a record. */
export type NamedTensors = ReadonlyMap<string, HostTensor> | Readonly<Record<string, HostTensor>>;

export interface Safetensors {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Map<string, string>;
}

const where = 'safetensors';

/** The entries of a map or record. */
export const namedEntries = (tensors: NamedTensors): [string, HostTensor][] =>
  tensors instanceof Map ? [...tensors] : Object.entries(tensors as Record<string, HostTensor>);

/** Bytes of a tensor in a file; half precision takes two an element. */
export const storedBytes = ({ dtype, size }: HostTensor): number => size * dtypes[dtype].bytes;

/**
 * Tensors as the bytes of a safetensors file: length of the header (8 bytes, little-endian), header in JSON, data.
 * Source: the safetensors format, https://huggingface.co/docs/safetensors. Errors: FORMAT_INVALID (a name that is not allowed).
 */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = namedEntries(tensors);
  const places = layOut(entries);
  const described = entries.map(([name, { dtype, shape }], i) => [
    checkName(name),
    { dtype: formatNames[dtype], shape, data_offsets: places[i] },
  ]);
  const extra = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  const header = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([...extra, ...described])),
  );
  if (header.length > maxHeaderBytes)
    throw new GraphError('FORMAT_INVALID', where, {
      what: 'there are too many tensors for one file.',
    });
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  const dataBytes = entries.reduce((sum, [, tensor]) => sum + storedBytes(tensor), 0);
  const bytes = new Uint8Array(dataStart + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.fill(0x20, 8, dataStart);
  bytes.set(header, 8);
  entries.forEach(([, tensor], i) => {
    bytes.set(bytesOf(tensor), dataStart + (places[i] as [number, number])[0]);
  });
  return bytes;
}

function checkName(name: string): string {
  checkKey(name, where);
  if (name !== '__metadata__') return name;
  throw new GraphError('FORMAT_INVALID', where, {
    what: 'no tensor can be named __metadata__.',
    fix: 'rename it.',
  });
}

/** Wide elements first, so that every tensor begins at a multiple of its element's size. */
function layOut(entries: readonly [string, HostTensor][]): [number, number][] {
  const places = new Array<[number, number]>(entries.length);
  const width = (i: number) => dtypes[(entries[i] as [string, HostTensor])[1].dtype].bytes;
  let position = 0;
  for (const i of entries.map((_, index) => index).sort((a, b) => width(b) - width(a) || a - b)) {
    const begin = position;
    position += storedBytes((entries[i] as [string, HostTensor])[1]);
    places[i] = [begin, position];
  }
  return places;
}

/** The tensors and metadata of a safetensors file. Errors: FORMAT_INVALID. */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { entries, metadata, dataStart } = readHeader(bytes);
  const tensors = new Map(
    entries.map(({ name, dtype, shape, begin, end }) => [
      name,
      tensorOfBytes(bytes.subarray(dataStart + begin, dataStart + end), {
        dtype,
        shape,
        where: name,
      }),
    ]),
  );
  return { tensors, metadata: new Map(metadata) };
}
