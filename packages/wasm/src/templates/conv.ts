import type { ConvGeometry, DType, TemplateOf } from '@tenon/core';
import { convolve } from '../conv/convolve.js';
import { filterGradient } from '../conv/filter-gradient.js';
import { flattened } from '../conv/flattened.js';
import { gradientTaps, inputGradient } from '../conv/input-gradient.js';
import {
  packedAdjoint,
  packedConvolution,
  packedInputGradient,
  suitsPacking,
} from '../conv/packed-convolution.js';
import { type Matrices, packedBytes, packPanels } from '../conv/panels.js';
import { scalarFilterGradient, scalarForward, scalarInputGradient } from '../conv/scalar-conv.js';
import { depthwiseFilter } from '../depthwise/filter-gradient.js';
import { depthwiseForward } from '../depthwise/forward.js';
import { depthwiseInput } from '../depthwise/input-gradient.js';
import { depthMultiplier } from '../depthwise/taps.js';
import { finishing } from '../emit/finish.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { finishShare } from '../window/finish.js';
import { winogradConvolution } from '../winograd/convolve.js';
import { coveringGradient, spreadingGradient } from '../winograd/input-gradient.js';
import { suitsTiledSums, suitsTiles, tiledInputGradient } from '../winograd/suits.js';
import { winogradFilterGradient } from '../winograd/sums/filter-gradient.js';
import { emitGemm } from './gemm.js';
import type { EmitTemplate } from './template.js';

/** The filter of each group as a matrix [taps * inChannels / groups, outChannels / groups]. */
function filterMatrices(filter: Local, geometry: ConvGeometry): Matrices {
  const { window, groups, inChannels, outChannels } = geometry;
  const columns = outChannels / groups;
  const rows = (window[0] * window[1] * window[2] * inChannels) / groups;
  return {
    from: filter.get,
    outer: { count: groups, stride: columns * 4 },
    inner: { count: 1, stride: 0 },
    rows: { count: rows, stride: outChannels * 4 },
    columns: { count: columns, stride: 4 },
  };
}

/** The transposed filter of each group and tap, or of each row of taps: [outChannels / groups, columns]. */
function tapMatrices(filter: Local, geometry: ConvGeometry): Matrices {
  const { window, groups, inChannels, outChannels } = geometry;
  const { taps, columns } = gradientTaps(geometry);
  const rows = outChannels / groups;
  const rowBytes = window[2] * (inChannels / groups) * outChannels * 4;
  return {
    from: filter.get,
    outer: { count: groups, stride: rows * 4 },
    inner: { count: window[0] * window[1] * taps, stride: rowBytes / taps },
    rows: { count: rows, stride: 4 },
    columns: { count: columns, stride: outChannels * 4 },
  };
}

function withPanels(k: KernelFunction, matrices: Matrices, body: (panels: Local) => Code): Code {
  const panels = k.f.i32();
  return seq(
    panels.set(k.shared(packedBytes(matrices))),
    packPanels(k, panels, matrices),
    body(panels),
  );
}

/** What a convolution whose windows are single positions is: a product of all positions by a matrix. */
function asProduct(
  { dtype, geometry }: { readonly dtype: DType; readonly geometry: ConvGeometry },
  role: 'forward' | 'input' | 'filter',
): TemplateOf<'gemm'> | undefined {
  const flat = geometry.groups === 1 && !isEmpty(geometry) ? flattened(geometry) : undefined;
  if (!flat) return undefined;
  const { inChannels, outChannels } = flat;
  const positions = flat.outSize[2];
  const sizes = {
    forward: { m: positions, k: inChannels, n: outChannels },
    input: { m: positions, k: outChannels, n: inChannels },
    filter: { m: inChannels, k: positions, n: outChannels },
  }[role];
  const transposed = { transposeA: role === 'filter', transposeB: role === 'input' };
  const single = { batch: 1, batchedA: false, batchedB: false } as const;
  return { kind: 'gemm', dtype, ...sizes, ...transposed, ...single };
}

/** Whether nothing is computed, or nothing but zeros. */
const isEmpty = ({ batch, inSize, outSize, window, inChannels, outChannels }: ConvGeometry) =>
  [batch, ...inSize, ...outSize, ...window, inChannels, outChannels].includes(0);

/** y[n, p, o] = the sum over taps t and channels c of x[n, p strides + t dilations - padBefore, c] filter[t, c, o] */
export const emitConv: EmitTemplate<'conv'> = (template, k, given) => {
  const product = asProduct(template, 'forward');
  if (product) return emitGemm(product, k, given);
  const { dtype, geometry } = template;
  const finish = given?.finish && finishing(k, given.finish);
  const [x, filter] = k.inputs as [Local, Local];
  const y = k.outputs[0] as Local;
  if (dtype !== 'float32' || isEmpty(geometry)) {
    const { batch, outSize, outChannels: columns } = geometry;
    const rows = batch * outSize[0] * outSize[1] * outSize[2];
    return seq(
      scalarForward(k, { dtype, geometry, x, filter, y }),
      finish ? finishShare(k, { finish, y, rows, columns }) : [],
    );
  }
  if (depthMultiplier(geometry) > 0) {
    return depthwiseForward(k, { geometry, x, filter, y, finish });
  }
  if (suitsTiles(geometry)) {
    return winogradConvolution(k, { geometry, x, filter, order: 'plain', y, finish });
  }
  if (suitsPacking(geometry)) return packedConvolution(k, { geometry, x, filter, y, finish });
  return withPanels(k, filterMatrices(filter, geometry), (panels) =>
    convolve(k, { geometry: flattened(geometry) ?? geometry, x, panels, y, finish }),
  );
};

/** dx = the adjoint of x -> y, applied to dy. */
export const emitConvInputGradient: EmitTemplate<'convInputGradient'> = (template, k, given) => {
  const product = asProduct(template, 'input');
  if (product) return emitGemm(product, k, given);
  const { dtype, geometry } = template;
  const finish = given?.finish && finishing(k, given.finish);
  const [dy, filter] = k.inputs as [Local, Local];
  const dx = k.outputs[0] as Local;
  if (dtype !== 'float32' || isEmpty(geometry)) {
    const { batch, inSize, inChannels: columns } = geometry;
    const rows = batch * inSize[0] * inSize[1] * inSize[2];
    return seq(
      scalarInputGradient(k, { dtype, geometry, x: dx, filter, y: dy }),
      finish ? finishShare(k, { finish, y: dx, rows, columns }) : [],
    );
  }
  if (depthMultiplier(geometry) === 1) {
    return depthwiseInput(k, { geometry, dy, filter, dx, finish });
  }
  const tiled = tiledInputGradient(geometry);
  if (tiled === 'spreading') return spreadingGradient(k, { geometry, dy, filter, dx, finish });
  if (tiled === 'covering') return coveringGradient(k, { geometry, dy, filter, dx, finish });
  const adjoint = packedAdjoint(geometry);
  if (adjoint) {
    return packedInputGradient(k, { geometry: adjoint, x: dy, filter, y: dx, finish });
  }
  const flat = flattened(geometry);
  return withPanels(k, tapMatrices(filter, geometry), (panels) => {
    if (!flat) return inputGradient(k, { geometry, dy, panels, dx, finish });
    const { inChannels, outChannels } = geometry;
    const turned = { ...flat, inChannels: outChannels, outChannels: inChannels };
    return convolve(k, { geometry: turned, x: dy, panels, y: dx, finish });
  });
};

/** dFilter = the adjoint of filter -> y, applied to dy. */
export const emitConvFilterGradient: EmitTemplate<'convFilterGradient'> = (template, k) => {
  const product = asProduct(template, 'filter');
  if (product) return emitGemm(product, k);
  const { dtype, geometry } = template;
  const [x, dy] = k.inputs as [Local, Local];
  const dFilter = k.outputs[0] as Local;
  if (dtype !== 'float32' || isEmpty(geometry)) {
    return scalarFilterGradient(k, { dtype, geometry, x, filter: dFilter, y: dy });
  }
  if (depthMultiplier(geometry) > 0) return depthwiseFilter(k, { geometry, x, dy, dFilter });
  if (suitsTiledSums(geometry)) return winogradFilterGradient(k, { geometry, x, dy, dFilter });
  return filterGradient(k, { geometry: flattened(geometry) ?? geometry, x, dy, dFilter });
};
