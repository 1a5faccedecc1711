/**
 * Convolutions, their gradients and poolings beside what the machine can do, on one thread: GFLOP/s beside a loop of nothing but
 * multiply-adds, and GB/s of what only moves data beside a copy of as many bytes. JSON lines.
 * tsx --conditions=@tenon/source packages/wasm/benchmarks/windows.ts [--only part-of-a-name] [--seconds 0.15]
 */

import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import type { ConvGeometry, PoolGeometry } from '@tenon/core';
import type { KernelFunction } from '../src/emit/kernel-function.js';
import { type Code, seq } from '../src/encoder/code.js';
import { supportsRelaxedSimd } from '../src/encoder/compile.js';
import type { Local } from '../src/encoder/function.js';
import { i32 } from '../src/encoder/scalar.js';
import { v128 } from '../src/encoder/simd.js';
import { emitConv, emitConvFilterGradient, emitConvInputGradient } from '../src/templates/conv.js';
import { emitAveragePoolGradient, emitMaxPoolGradient, emitPool } from '../src/templates/pool.js';
import { runKernel } from '../test/run-kernel.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '0.15' },
  },
});

v8.setFlagsFromString('--no-liftoff');
v8.setFlagsFromString('--no-wasm-lazy-compilation');
const relaxedSimd = supportsRelaxedSimd();
const dtype = 'float32';

type Padding = 'same' | 'valid';
type Sizes = readonly [number, number, number];

interface Axes {
  readonly batch: number;
  readonly size: Sizes;
  readonly window: Sizes;
  readonly stride?: number;
  readonly padding?: Padding;
}

function windowOf({ batch, size, window, stride = 1, padding = 'same' }: Axes) {
  const strides = size.map((n) => (n === 1 ? 1 : stride));
  const outSize = size.map((n, i) => {
    const room = padding === 'same' ? n : n - (window[i] as number) + 1;
    return Math.ceil(room / (strides[i] as number));
  });
  const padBefore = size.map((n, i) => {
    const reach = ((outSize[i] as number) - 1) * (strides[i] as number) + (window[i] as number);
    return Math.max(0, Math.floor((reach - n) / 2));
  });
  const geometry = { batch, inSize: size, outSize, window, strides, padBefore };
  return { ...geometry, dilations: [1, 1, 1] } as unknown as PoolGeometry;
}

interface ConvCase extends Axes {
  readonly channels: readonly [number, number];
  readonly groups?: number;
}

const square = (n: number): Sizes => [1, n, n];

const convolutions: Record<string, ConvCase> = {
  'mnist 28x28x1 3x3 32': {
    ...{ batch: 128, size: square(28), window: square(3), channels: [1, 32], padding: 'valid' },
  },
  'mnist 13x13x32 3x3 64': {
    ...{ batch: 128, size: square(13), window: square(3), channels: [32, 64], padding: 'valid' },
  },
  '32x32x16 3x3 16': { batch: 16, size: square(32), window: square(3), channels: [16, 16] },
  '32x32x16 3x3 32 /2': {
    ...{ batch: 16, size: square(32), window: square(3), channels: [16, 32], stride: 2 },
  },
  '16x16x32 3x3 32': { batch: 16, size: square(16), window: square(3), channels: [32, 32] },
  '16x16x32 3x3 64 /2': {
    ...{ batch: 16, size: square(16), window: square(3), channels: [32, 64], stride: 2 },
  },
  '8x8x64 3x3 64': { batch: 16, size: square(8), window: square(3), channels: [64, 64] },
  '8x8x64 3x3 64 batch 1': { batch: 1, size: square(8), window: square(3), channels: [64, 64] },
  '14x14x256 3x3 256': { batch: 2, size: square(14), window: square(3), channels: [256, 256] },
  '56x56x64 1x1 256': { batch: 2, size: square(56), window: square(1), channels: [64, 256] },
  '56x56x256 1x1 64': { batch: 2, size: square(56), window: square(1), channels: [256, 64] },
  '56x56x64 3x3 64': { batch: 8, size: square(56), window: square(3), channels: [64, 64] },
  '112x112x3 7x7 64 /2': {
    ...{ batch: 4, size: square(112), window: square(7), channels: [3, 64], stride: 2 },
  },
  'text 80x64 5 128': { batch: 32, size: [1, 1, 80], window: [1, 1, 5], channels: [64, 128] },
  'volume 16x16x16x8 3x3x3 16': {
    ...{ batch: 2, size: [16, 16, 16], window: [3, 3, 3], channels: [8, 16] },
  },
  '56x56x64 3x3 64 groups 8': {
    ...{ batch: 2, size: square(56), window: square(3), channels: [64, 64], groups: 8 },
  },
  'depthwise 56x56x128 3x3': {
    ...{ batch: 2, size: square(56), window: square(3), channels: [128, 128], groups: 128 },
  },
  'depthwise 56x56x128 3x3 /2': {
    ...{
      batch: 2,
      size: square(56),
      window: square(3),
      channels: [128, 128],
      groups: 128,
      stride: 2,
    },
  },
  'depthwise 14x14x512 3x3': {
    ...{ batch: 4, size: square(14), window: square(3), channels: [512, 512], groups: 512 },
  },
  'depthwise 28x28x32 3x3 x2': {
    ...{ batch: 4, size: square(28), window: square(3), channels: [32, 64], groups: 32 },
  },
};

const poolings: Record<string, Axes & { readonly channels: number }> = {
  'pool 26x26x32 2': {
    ...{
      batch: 128,
      size: square(26),
      window: square(2),
      channels: 32,
      stride: 2,
      padding: 'valid',
    },
  },
  'pool 112x112x64 3 /2': {
    ...{ batch: 4, size: square(112), window: square(3), channels: 64, stride: 2 },
  },
  'pool 28x28x64 3 /1': { batch: 4, size: square(28), window: square(3), channels: 64 },
  'pool 28x28x1 2': {
    ...{ batch: 128, size: square(28), window: square(2), channels: 1, stride: 2 },
  },
  'pool 80x128 2': {
    ...{ batch: 32, size: [1, 1, 80], window: [1, 1, 2], channels: 128, stride: 2 },
  },
  'pool 16x16x16x8 2': {
    ...{ batch: 8, size: [16, 16, 16], window: [2, 2, 2], channels: 8, stride: 2 },
  },
};

const seconds = Number(options.seconds);
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
const noise = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * i));

interface Timed {
  readonly inputs: readonly Float32Array[];
  readonly result: number;
}

const time = (emit: (k: KernelFunction) => Code, { inputs, result }: Timed): number =>
  runKernel(emit, { inputs, outputs: [new Float32Array(result)], seconds, relaxedSimd }).seconds;

const roofTurns = 200_000;

/** GFLOP/s of ten independent chains of multiply-adds. */
function multiplyRoof(): number {
  const spent = time(
    (k) => {
      const sums = Array.from({ length: 10 }, () => k.f.v128());
      const [a, b] = [k.f.v128(), k.f.v128()];
      const [from, to] = [k.inputs[0] as Local, k.outputs[0] as Local];
      return seq(
        a.set(v128.load(from.get)),
        b.set(v128.load(from.get, 16)),
        k.f.for({ to: i32.const(roofTurns) }, () =>
          seq(...sums.map((sum) => sum.set(k.fma(a.get, b.get, sum.get)))),
        ),
        ...sums.map((sum, i) => v128.store(to.get, sum.get, 16 * i)),
      );
    },
    { inputs: [noise(8)], result: 64 },
  );
  return (10 * 8 * roofTurns) / spent / 1e9;
}

/** GB/s, read and written, of a copy that moves so many bytes. */
function copyRoof(bytes: number): number {
  const half = Math.floor(bytes / 128) * 64;
  const spent = time(
    (k) => {
      const [from, to] = [k.inputs[0] as Local, k.outputs[0] as Local];
      return k.f.for({ to: i32.const(half), step: 64 }, (at) =>
        seq(
          ...[0, 16, 32, 48].map((offset) =>
            v128.store(
              i32.add(to.get, at.get),
              v128.load(i32.add(from.get, at.get), offset),
              offset,
            ),
          ),
        ),
      );
    },
    { inputs: [new Float32Array(half / 4)], result: half / 4 },
  );
  return (2 * half) / spent / 1e9;
}

interface Line {
  readonly name: string;
  readonly kind: string;
  readonly spent: number;
  readonly flops?: number;
  /** Bytes that have to be read or written. */
  readonly bytes: number;
}

function report({ name, kind, spent, flops, bytes }: Line): void {
  const rate = flops === undefined ? undefined : flops / spent / 1e9;
  const speed = bytes / spent / 1e9;
  console.log(
    JSON.stringify({
      ...{ name, kind, microseconds: Number((spent * 1e6).toFixed(1)) },
      ...(rate === undefined ? {} : { gflops: Number(rate.toFixed(1)) }),
      ...(rate === undefined ? {} : { ofMultiplyAdd: Number((rate / multiplyRoof()).toFixed(2)) }),
      ...{
        gigabytes: Number(speed.toFixed(1)),
        ofCopy: Number((speed / copyRoof(bytes)).toFixed(2)),
      },
    }),
  );
}

function convolution(name: string, { channels, groups = 1, ...axes }: ConvCase): void {
  const [inChannels, outChannels] = channels;
  const geometry: ConvGeometry = { ...windowOf(axes), inChannels, outChannels, groups };
  const { batch, inSize, outSize, window } = geometry;
  const x = noise(batch * product(inSize) * inChannels);
  const y = noise(batch * product(outSize) * outChannels);
  const filter = noise((product(window) * inChannels * outChannels) / groups);
  const flops = (2 * y.length * product(window) * inChannels) / groups;
  const bytes = 4 * (x.length + y.length + filter.length);
  const rows = {
    conv: [(k: KernelFunction) => emitConv({ kind: 'conv', dtype, geometry }, k), x, filter, y],
    convInputGradient: [
      (k: KernelFunction) =>
        emitConvInputGradient({ kind: 'convInputGradient', dtype, geometry }, k),
      ...[y, filter, x],
    ],
    convFilterGradient: [
      (k: KernelFunction) =>
        emitConvFilterGradient({ kind: 'convFilterGradient', dtype, geometry }, k),
      ...[x, y, filter],
    ],
  } as const;
  for (const [kind, [emit, a, b, result]] of Object.entries(rows)) {
    const given = { inputs: [a, b] as Float32Array[], result: (result as Float32Array).length };
    const spent = time(emit as (k: KernelFunction) => Code, given);
    report({ name, kind, spent, flops, bytes });
  }
}

function pooling(name: string, { channels, ...axes }: Axes & { readonly channels: number }): void {
  const geometry: PoolGeometry = { ...windowOf(axes), channels };
  const { batch, inSize, outSize } = geometry;
  const x = noise(batch * product(inSize) * channels);
  const y = noise(batch * product(outSize) * channels);
  const bytes = 4 * (x.length + y.length);
  const countPadding = false;
  const forward = (mode: 'max' | 'average'): void => {
    const template = { kind: 'pool', mode, countPadding, dtype, geometry } as const;
    const spent = time((k) => emitPool(template, k), { inputs: [x], result: y.length });
    report({ name, kind: mode, spent, bytes });
  };
  forward('max');
  forward('average');
  const maximum = time(
    (k) => emitMaxPoolGradient({ kind: 'maxPoolGradient', dtype, geometry }, k),
    {
      ...{ inputs: [x, y], result: x.length },
    },
  );
  report({ name, kind: 'maxPoolGradient', spent: maximum, bytes: bytes + 4 * x.length });
  const kind = 'averagePoolGradient';
  const average = time((k) => emitAveragePoolGradient({ kind, countPadding, dtype, geometry }, k), {
    ...{ inputs: [y], result: x.length },
  });
  report({ name, kind, spent: average, bytes });
}

for (const [name, given] of Object.entries(convolutions)) {
  if (name.includes(options.only)) convolution(name, given);
}
for (const [name, given] of Object.entries(poolings)) {
  if (name.includes(options.only)) pooling(name, given);
}
