import { type DType, dtypes, GraphError } from '@tenon/core';

/** What is added up at once: elements of one kind, one after the other. */
export interface BucketSpec {
  readonly kind: ElementKind;
  readonly length: number;
}

/** How elements lie in host memory; half precision lies there as float32. */
export type ElementKind = 'float32' | 'float64' | 'int32';

export type Elements = Float32Array | Float64Array | Int32Array;

/** How elements travel: as they are, or float32 as its upper half. */
export type Wire = 'exact' | 'bfloat16';

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

export const newElements = ({ kind, length }: BucketSpec): Elements => new arrays[kind](length);

export const bytesOfElement = (kind: ElementKind): number => arrays[kind].BYTES_PER_ELEMENT;

/** The kind in which values of a dtype are added up. Errors: DTYPE_MISMATCH. */
export function elementKind(dtype: DType): ElementKind {
  const { host } = dtypes[dtype];
  const found = Object.entries(arrays).find(([, array]) => array === (host as unknown));
  if (found) return found[0] as ElementKind;
  throw new GraphError('DTYPE_MISMATCH', 'allReduce', {
    what: `values of ${dtype} are not added up over replicas.`,
    fix: 'cast them to float32, float64 or int32.',
  });
}

/** Elements of one dtype to be put in buckets. */
export interface Reducible {
  readonly dtype: DType;
  readonly size: number;
}

/**
 * Cuts values into buckets, in their order: a new one where the kind changes or where the bytes would exceed `bytes`. A value is
 * never cut, so one that is larger has a bucket of its own. Gives the places of the values in each bucket.
 */
export function inBuckets(values: readonly Reducible[], bytes: number): number[][] {
  const buckets: number[][] = [];
  let last: { kind: ElementKind; bytes: number; places: number[] } | undefined;
  values.forEach(({ dtype, size }, place) => {
    const kind = elementKind(dtype);
    const own = size * bytesOfElement(kind);
    if (!last || last.kind !== kind || last.bytes + own > bytes) {
      last = { kind, bytes: 0, places: [] };
      buckets.push(last.places);
    }
    last.bytes += own;
    last.places.push(place);
  });
  return buckets;
}
