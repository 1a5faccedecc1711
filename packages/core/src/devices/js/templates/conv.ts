import { dtypes, type TypedArray } from '../../../graph/dtype.js';
import type { ConvGeometry } from '../../../lower/template.js';
import { type Arrays, compileDepthwise } from './depthwise.js';
import { createGemm, createSums, type Matrix } from './gemm.js';
import { type Chunk, createColumns, forEachChunk } from './im2col.js';
import type { CompileTemplate } from './kernel.js';

/** A channel of its own for every group: the products are too thin for a matrix. */
const isDepthwise = ({ groups, inChannels }: ConvGeometry): boolean =>
  groups === inChannels && groups > 1;

/** The output positions as rows: y or dy, [windows, outChannels], of which a group takes some columns. */
const outputRows = (data: TypedArray, { outChannels }: ConvGeometry): Matrix => ({
  data,
  offset: 0,
  rowStride: outChannels,
  columnStride: 1,
});

/** The filter as a matrix [taps * inChannels / groups, outChannels], of which a group takes some columns. */
const filterRows = outputRows;

/** x itself as rows, where every window is one position and none is left out; otherwise undefined. */
function inputRows(data: TypedArray, geometry: ConvGeometry): Matrix | undefined {
  const { inSize, outSize, window, strides, padBefore, inChannels } = geometry;
  const pointwise = [0, 1, 2].every(
    (axis) =>
      window[axis] === 1 &&
      strides[axis] === 1 &&
      padBefore[axis] === 0 &&
      inSize[axis] === outSize[axis],
  );
  return pointwise ? { data, offset: 0, rowStride: inChannels, columnStride: 1 } : undefined;
}

/**
 * y[n, p, o] = the sum over taps t and channels c of the group of o of x[n, p strides + t dilations - padBefore, c] filter[t, c, o]
 */
export const compileConv: CompileTemplate<'conv'> = ({ dtype, geometry }, [x, filter], [y]) => {
  if (isDepthwise(geometry) && dtypes[dtype].kind === 'float') {
    return compileDepthwise(geometry, 'y', { x, filter, y } as Arrays);
  }
  const { inChannels, outChannels, groups } = geometry;
  const columns = createColumns(geometry, dtype);
  const [inGroup, outGroup] = [inChannels / groups, outChannels / groups];
  const direct = inputRows(x as TypedArray, geometry);
  const a = direct ?? columns.matrix;
  const b = filterRows(filter as TypedArray, geometry);
  const c = outputRows(y as TypedArray, geometry);
  const size = { m: columns.rows, k: columns.depth, n: outGroup };
  const multiply = createGemm({ dtype, largest: { ...size } });
  return forEachChunk(geometry, columns.rows, (chunk) => {
    if (direct) direct.offset = chunk.first * inChannels + chunk.group * inGroup;
    else columns.read(x as TypedArray, chunk);
    b.offset = chunk.group * outGroup;
    c.offset = chunk.first * outChannels + chunk.group * outGroup;
    size.m = chunk.rows;
    multiply(a, b, c, size);
  });
};

/** dx = the adjoint of x -> y, applied to dy: each window of dy filter' is added where it was read from. */
export const compileConvInputGradient: CompileTemplate<'convInputGradient'> = (
  { dtype, geometry },
  [dy, filter],
  [dx],
) => {
  const to = dx as Float32Array;
  const zero = (dtype === 'int64' ? 0n : 0) as number;
  if (isDepthwise(geometry) && dtypes[dtype].kind === 'float') {
    const sums = new Float64Array(to.length);
    const spread = compileDepthwise(geometry, 'x', { x: sums, filter, y: dy } as Arrays);
    return () => {
      sums.fill(0);
      spread();
      to.set(sums);
    };
  }
  const spread = spreadColumns();
  return () => {
    to.fill(zero);
    spread();
  };

  function spreadColumns(): () => void {
    const { outChannels, groups } = geometry;
    const columns = createColumns(geometry, dtype);
    const outGroup = outChannels / groups;
    const a = outputRows(dy as TypedArray, geometry);
    const b: Matrix = {
      data: filter as TypedArray,
      offset: 0,
      rowStride: 1,
      columnStride: outChannels,
    };
    const size = { m: columns.rows, k: outGroup, n: columns.depth };
    const multiply = createGemm({ dtype, largest: { ...size } });
    return forEachChunk(geometry, columns.rows, (chunk: Chunk) => {
      a.offset = chunk.first * outChannels + chunk.group * outGroup;
      b.offset = chunk.group * outGroup;
      size.m = chunk.rows;
      multiply(a, b, columns.matrix, size);
      columns.addTo(to, chunk);
    });
  }
};

/** dFilter = the adjoint of filter -> y, applied to dy: the sum over windows of (window of x)' dy, in double precision. */
export const compileConvFilterGradient: CompileTemplate<'convFilterGradient'> = (
  { dtype, geometry },
  [x, dy],
  [dFilter],
) => {
  const to = dFilter as Float32Array;
  const sums = createSums(dtype, to.length) as Float64Array;
  const zero = (dtype === 'int64' ? 0n : 0) as number;
  const collect =
    isDepthwise(geometry) && dtypes[dtype].kind === 'float'
      ? compileDepthwise(geometry, 'filter', { x, filter: sums, y: dy } as Arrays)
      : collectColumns();
  return () => {
    sums.fill(zero);
    collect();
    to.set(sums);
  };

  function collectColumns(): () => void {
    const { inChannels, outChannels, groups } = geometry;
    const columns = createColumns(geometry, dtype);
    const [inGroup, outGroup] = [inChannels / groups, outChannels / groups];
    const direct = inputRows(x as TypedArray, geometry);
    const rows = direct ?? columns.matrix;
    const a: Matrix = { ...rows, rowStride: 1, columnStride: rows.rowStride };
    const b = outputRows(dy as TypedArray, geometry);
    const c = filterRows(sums, geometry);
    const size = { m: columns.depth, k: columns.rows, n: outGroup };
    const multiply = createGemm({ dtype, largest: { ...size }, accumulate: true });
    return forEachChunk(geometry, columns.rows, (chunk: Chunk) => {
      if (direct) a.offset = chunk.first * inChannels + chunk.group * inGroup;
      else columns.read(x as TypedArray, chunk);
      b.offset = chunk.first * outChannels + chunk.group * outGroup;
      c.offset = chunk.group * outGroup;
      size.k = chunk.rows;
      multiply(a, b, c, size);
    });
  }
};
