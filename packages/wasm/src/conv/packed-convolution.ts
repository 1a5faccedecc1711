import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type EngineProduct, emitProduct, type PackPanel } from '../gemm/engine.js';
import { packLines, packLinesTogether } from '../gemm/pack-lines.js';
import type { Finish } from '../window/finish.js';
import { adjointOf } from './adjoint.js';
import { packWindows } from './pack-windows.js';

interface Operands {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly filter: Local;
  readonly y: Local;
  readonly finish?: Finish | undefined;
}

const leastChannels = 8;
const manyColumns = 128;
const largeFilter = 1 << 16;

/** Whether to pack windows costs little beside the sums that they are read for: it lets tiles be higher. */
export function suitsPacking({ groups, window, inChannels, outChannels }: ConvGeometry): boolean {
  const size = window[0] * window[1] * window[2] * inChannels * outChannels;
  const many = outChannels >= manyColumns || size >= largeFilter;
  return groups === 1 && inChannels >= leastChannels && many;
}

/** y as the product of the windows of x, [positions, taps * inChannels], by the filter. */
export function packedConvolution(k: KernelFunction, given: Operands): Code {
  const { f } = k;
  const depthBytes = given.geometry.outChannels * 4;
  return windowProduct(k, given, {
    packB: packLines(f, { base: given.filter, lineBytes: 4, depthBytes }),
    packPanelsB: packLinesTogether(f, { base: given.filter, depthBytes }),
  });
}

// Where dx is larger than dy, many products of its windows are with zeros.
const mostWaste = 1.15;

/** The convolution that an input gradient is, if it suits packing. */
export function packedAdjoint(geometry: ConvGeometry): ConvGeometry | undefined {
  const { inSize, outSize, strides } = geometry;
  const positions = (size: readonly number[]) => size.reduce((all, n) => all * n, 1);
  const wasted = positions(inSize) > mostWaste * positions(outSize);
  if (wasted || strides.some((stride) => stride !== 1)) return undefined;
  const adjoint = adjointOf(geometry);
  return suitsPacking(adjoint) ? adjoint : undefined;
}

/** dx as the product of windows of dy by the mirrored, transposed filter: x is dy, and y dx. */
export function packedInputGradient(k: KernelFunction, given: Operands): Code {
  return windowProduct(k, given, { packB: packMirrored(k, given) });
}

/** Packs columns of the mirrored filter [taps, outChannels of the convolution, inChannels], tap by tap. */
function packMirrored(k: KernelFunction, { geometry, filter }: Operands): PackPanel {
  const { f } = k;
  const { window, inChannels: depthOfTap, outChannels: columns } = geometry;
  const lastTap = window[0] * window[1] * window[2] - 1;
  const lineBytes = depthOfTap * 4;
  return ({ depthFrom, depth, to, ...panel }) => {
    const [step, end, tap, from, size, target, base, rest] = Array.from({ length: 8 }, () =>
      f.i32(),
    ) as [Local, Local, Local, Local, Local, Local, Local, Local];
    const pack = packLines(f, { base, lineBytes, depthBytes: 4 });
    return seq(
      step.set(depthFrom.get),
      end.set(i32.add(depthFrom.get, depth.get)),
      target.set(to.get),
      f.while(
        i32.ltS(step.get, end.get),
        seq(
          tap.set(i32.divU(step.get, i32.const(depthOfTap))),
          from.set(i32.remU(step.get, i32.const(depthOfTap))),
          size.set(i32.sub(i32.const(depthOfTap), from.get)),
          rest.set(i32.sub(end.get, step.get)),
          size.set(k.min(size, rest.get)),
          tap.set(i32.sub(i32.const(lastTap), tap.get)),
          base.set(i32.add(filter.get, i32.mul(tap.get, i32.const(columns * lineBytes)))),
          pack({ ...panel, depthFrom: from, depth: size, to: target }),
          target.set(i32.add(target.get, i32.mul(size.get, i32.const(4 * panel.width)))),
          step.set(i32.add(step.get, size.get)),
        ),
      ),
    );
  };
}

function windowProduct(
  k: KernelFunction,
  { geometry, x, y, finish }: Operands,
  packing: Pick<EngineProduct, 'packB' | 'packPanelsB'>,
): Code {
  const { batch, outSize, window, inChannels, outChannels } = geometry;
  const zeros = k.f.i32();
  const rowBytes = outChannels * 4;
  return seq(
    zeros.set(k.own(inChannels * 4)),
    memoryFill(zeros.get, i32.const(0), i32.const(inChannels * 4)),
    emitProduct(k, {
      m: batch * outSize[0] * outSize[1] * outSize[2],
      k: window[0] * window[1] * window[2] * inChannels,
      n: outChannels,
      packA: packWindows(k, { geometry, x, zeros }),
      ...packing,
      rowAddress: (row) => i32.add(y.get, i32.mul(row.get, i32.const(rowBytes))),
      rowBytes,
      ...(finish && { finish }),
    }),
  );
}
