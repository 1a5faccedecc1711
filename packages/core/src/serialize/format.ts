import { type ErrorCode, GraphError } from '../errors.js';
import type { DType } from '../graph/dtype.js';
import { DataType } from './gen/graph_pb.js';

/** The version of the format that is written. Raised with every field that is added. */
export const formatVersion = 1;

/** The oldest reader that understands what is written. Raised where an older reader would misread it. */
export const minimumReader = 1;

/** How deep attributes and fetches may be nested. */
export const maxNesting = 30;

export const dataTypes = {
  float32: DataType.FLOAT32,
  float64: DataType.FLOAT64,
  float16: DataType.FLOAT16,
  bfloat16: DataType.BFLOAT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  int8: DataType.INT8,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
} as const satisfies Record<DType, DataType>;

export const dtypeOfDataType: ReadonlyMap<number, DType> = new Map(
  Object.entries(dataTypes).map(([dtype, type]) => [type, dtype as DType]),
);

/** Refuses the bytes. */
export function refuse(where: string, what: string, fix?: string): never {
  throw new GraphError('FORMAT_INVALID', where, { what, ...(fix === undefined ? {} : { fix }) });
}

const ownCodes: ReadonlySet<ErrorCode> = new Set([
  'FORMAT_INVALID',
  'NAME_UNKNOWN',
  'SHAPE_INVALID',
  'SHAPE_MISMATCH',
  'SHAPE_UNKNOWN',
]);

/** Runs what builds a part of a graph; whatever it complains about is the fault of the bytes. */
export function guarded<T>(where: string, build: () => T): T {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof GraphError && ownCodes.has(cause.code)) throw cause;
    const what =
      cause instanceof GraphError ? cause.details.what : `it can not be built: ${String(cause)}.`;
    throw new GraphError('FORMAT_INVALID', where, { what, cause });
  }
}
