/**
 * Kernels that only move elements: on strings they move codes, on complex numbers each part. The number says how many of
 * the outputs are elements of the inputs.
 */
export const movement = {
  BroadcastTo: 1,
  Concat: 1,
  ExpandDims: 1,
  Fill: 1,
  GatherNd: 1,
  GatherV2: 1,
  Identity: 1,
  Pack: 1,
  Reshape: 1,
  Reverse: 1,
  Select: 1,
  Slice: 1,
  SparseToDense: 1,
  SplitV: Number.POSITIVE_INFINITY,
  StridedSlice: 1,
  TensorScatterUpdate: 1,
  Tile: 1,
  Transpose: 1,
  Unpack: Number.POSITIVE_INFINITY,
} as const satisfies Readonly<Record<string, number>>;

/** Kernels that take strings besides: they compare them, or return more than strings. */
export const onTexts: Readonly<Record<string, number>> = {
  ...movement,
  Equal: 0,
  NotEqual: 0,
  Unique: 1,
};

/** Kernels that act on the real and the imaginary part alike. */
export const onParts: ReadonlySet<string> = new Set([
  ...Object.keys(movement),
  ...['Add', 'AddN', 'Cumsum', 'Mean', 'Neg', 'Sub', 'Sum', 'ZerosLike'],
]);
