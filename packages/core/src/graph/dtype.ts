import { GraphError, nearest } from '../errors.js';

/** The dtypes of tensors. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int32'
  | 'int64'
  | 'int8'
  | 'uint8'
  | 'bool';

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Int8Array
  | Uint8Array
  | Uint16Array;

type ArrayConstructor = new (
  source: number | ArrayBufferLike,
  offset?: number,
  length?: number,
) => TypedArray;

export interface DTypeInfo {
  readonly kind: 'float' | 'int' | 'bool';
  /** Bytes of one element in device memory and in files. */
  readonly bytes: number;
  /** Array of host tensors. Half precision is held widened, as float32, which represents every value exactly. */
  readonly host: ArrayConstructor;
  /** Array over device memory. Half precision is held as its 16 bits. */
  readonly device: ArrayConstructor;
  /** Order of promotion: a binary operation on two kinds takes the larger. */
  readonly rank: number;
}

const row = (
  kind: DTypeInfo['kind'],
  rank: number,
  device: unknown,
  host: unknown = device,
): DTypeInfo => ({
  kind,
  rank,
  bytes: (device as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT,
  device: device as ArrayConstructor,
  host: host as ArrayConstructor,
});

export const dtypes = {
  bool: row('bool', 0, Uint8Array),
  uint8: row('int', 1, Uint8Array),
  int8: row('int', 2, Int8Array),
  int32: row('int', 3, Int32Array),
  int64: row('int', 4, BigInt64Array),
  bfloat16: row('float', 5, Uint16Array, Float32Array),
  float16: row('float', 6, Uint16Array, Float32Array),
  float32: row('float', 7, Float32Array),
  float64: row('float', 8, Float64Array),
} as const satisfies Record<DType, DTypeInfo>;

export const dtypeNames = Object.keys(dtypes) as [DType, ...DType[]];

/** Refuses what is not a dtype. Errors: VALUE_INVALID. */
export function checkedDType(dtype: string, where: string): DType {
  if (Object.hasOwn(dtypes, dtype)) return dtype as DType;
  const near = nearest(String(dtype), dtypeNames);
  throw new GraphError('VALUE_INVALID', where, {
    what: `${dtype} is not a dtype${near ? `; did you mean ${near}?` : '.'}`,
    fix: `dtypes: ${dtypeNames.join(', ')}.`,
  });
}

export const isFloat = (dtype: DType): boolean => dtypes[dtype].kind === 'float';
export const isInteger = (dtype: DType): boolean => dtypes[dtype].kind === 'int';

/**
 * The dtype of a result of mixed operands: the higher in bool, uint8, int8, int32, int64, bfloat16, float16, float32, float64.
 * Two pairs that hold no common range go one step up: uint8 with int8 gives int32, float16 with bfloat16 gives float32.
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  const pair = new Set([a, b]);
  if (pair.has('uint8') && pair.has('int8')) return 'int32';
  if (pair.has('float16') && pair.has('bfloat16')) return 'float32';
  return dtypes[a].rank > dtypes[b].rank ? a : b;
}
