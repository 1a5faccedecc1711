import { checkedShape, type DType, dtypes, GraphError, type KnownShape, sizeOf } from '@tenon/core';

/** What a receiver knows of a tensor before its bytes come. */
export interface TensorHeader {
  readonly dtype: DType;
  /** How the elements lie on the wire: as the dtype, or narrowed by the sender. */
  readonly wire: DType;
  readonly shape: KnownShape;
  /** Bytes on the wire, row-major, little-endian. */
  readonly bytes: number;
}

/** Numbers of dtypes on the wire; never used twice. */
export const dtypeNumbers = {
  bool: 1,
  uint8: 2,
  int8: 3,
  int32: 4,
  int64: 5,
  bfloat16: 6,
  float16: 7,
  float32: 8,
  float64: 9,
} as const satisfies Record<DType, number>;

const dtypesByNumber = new Map(
  Object.entries(dtypeNumbers).map(([dtype, number]) => [number as number, dtype as DType]),
);

const refuse = (what: string): never => {
  throw new GraphError('FORMAT_INVALID', 'tensor header', { what });
};

/** The dtype of a number from the wire. Errors: FORMAT_INVALID. */
export const dtypeOfNumber = (number: number): DType =>
  dtypesByNumber.get(number) ?? refuse(`${number} is no dtype.`);

/** Refuses a header that contradicts itself or is above the limit. Errors: FORMAT_INVALID. */
export function checkedHeader(header: TensorHeader, tensorBytes: number): TensorHeader {
  const { dtype, wire, shape, bytes } = header;
  if (wire !== dtype && !(wire === 'bfloat16' && dtype === 'float32'))
    refuse(`${dtype} does not travel as ${wire}.`);
  try {
    checkedShape(shape, 'tensor header');
  } catch (error) {
    refuse((error as GraphError).details.what);
  }
  const expected = sizeOf(shape) * dtypes[wire].bytes;
  if (bytes !== expected)
    refuse(`${wire}[${shape.join(', ')}] has ${expected} bytes, not ${bytes}.`);
  // The values in memory count too: a narrow wire must not let twice the limit in.
  const size = Math.max(bytes, sizeOf(shape) * dtypes[dtype].bytes);
  if (size > tensorBytes)
    refuse(`${dtype}[${shape.join(', ')}] is above the limit of ${tensorBytes} bytes.`);
  return header;
}
