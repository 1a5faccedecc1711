import { z } from 'zod';
import { GraphError } from '../errors.js';
import { type DType, dtypes } from '../graph/dtype.js';
import { checkedShape, sizeOf } from '../graph/shape.js';
import { checkKey, hasRepeatedKeys, readJson, readText } from './json.js';

/** What the safetensors format calls each dtype. */
export const formatNames = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int32: 'I32',
  int64: 'I64',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
} as const satisfies Record<DType, string>;

const dtypeOfName = new Map(
  Object.entries(formatNames).map(([dtype, name]) => [name as string, dtype as DType]),
);

/** The longest header that is read, in bytes: the limit of the format. */
export const maxHeaderBytes = 100_000_000;

/** Where a tensor lies in the data that follows the header. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** First byte of the data. */
  readonly dataStart: number;
}

const where = 'safetensors';

const refuse = (what: string): never => {
  throw new GraphError('FORMAT_INVALID', where, {
    what,
    fix: 'the file is damaged, cut short or not a safetensors file.',
  });
};

const offset = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([offset, offset]),
});
const metadataSchema = z.record(z.string(), z.string());

/** Reads and checks everything before the data. Errors: FORMAT_INVALID. */
export function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < 8) refuse(`${bytes.length} bytes are too few for a header.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes) || length > BigInt(bytes.length - 8)) {
    refuse(`a header of ${length} bytes does not fit into a file of ${bytes.length} bytes.`);
  }
  const dataStart = 8 + Number(length);
  const headerBytes = bytes.subarray(8, dataStart);
  const json = readJson(headerBytes, where);
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    return refuse('the header is not an object.');
  if (hasRepeatedKeys(readText(headerBytes, where), json)) refuse('the header holds a name twice.');
  const { __metadata__: metadata = {}, ...tensors } = json as Record<string, unknown>;
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value));
  checkLayout(entries, bytes.length - dataStart);
  return { entries, metadata: readMetadata(metadata), dataStart };
}

function readMetadata(value: unknown): Map<string, string> {
  const parsed = metadataSchema.safeParse(value);
  if (!parsed.success) return refuse('__metadata__ is not a record of strings.');
  return new Map(Object.entries(parsed.data));
}

function readEntry(name: string, value: unknown): Entry {
  checkKey(name, where);
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success)
    return refuse(`the entry of ${name} is malformed: ${parsed.error.issues[0]?.message}.`);
  const {
    shape,
    data_offsets: [begin, end],
  } = parsed.data;
  const dtype = dtypeOfName.get(parsed.data.dtype);
  if (!dtype)
    return refuse(
      `${name} has the dtype ${parsed.data.dtype}, which is not one of ${[...dtypeOfName.keys()].join(', ')}.`,
    );
  try {
    checkedShape(shape, name);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', where, {
      what: `the shape of ${name} is not possible.`,
      cause,
    });
  }
  const needed = sizeOf(shape) * dtypes[dtype].bytes;
  if (end - begin !== needed)
    refuse(`${name}, ${dtype}[${shape.join(', ')}], needs ${needed} bytes and has ${end - begin}.`);
  return { name, dtype, shape, begin, end };
}

/** The tensors must fill the data exactly: no gaps in which something could hide, no overlaps. */
function checkLayout(entries: readonly Entry[], dataBytes: number): void {
  let position = 0;
  for (const { name, begin, end } of [...entries].sort(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== position)
      refuse(`${name} begins at byte ${begin} of the data instead of ${position}.`);
    position = end;
  }
  if (position !== dataBytes)
    refuse(`the tensors take ${position} bytes, and ${dataBytes} follow the header.`);
}
