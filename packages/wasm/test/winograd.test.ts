import type { ConvGeometry, Expression, Kernel } from '@tenon/core';
import { expect } from 'chai';
import { finishing } from '../src/emit/finish.js';
import type { KernelFunction } from '../src/emit/kernel-function.js';
import type { Code } from '../src/encoder/code.js';
import { supportsRelaxedSimd } from '../src/encoder/compile.js';
import type { Local } from '../src/encoder/function.js';
import { winogradConvolution } from '../src/winograd/convolve.js';
import { coveringGradient, spreadingGradient } from '../src/winograd/input-gradient.js';
import { suitsTiledSums, suitsTiles, tiledInputGradient } from '../src/winograd/suits.js';
import { winogradFilterGradient } from '../src/winograd/sums/filter-gradient.js';
import { randomSource } from './conv-data.js';
import { runKernel } from './run-kernel.js';

interface Sizes {
  readonly batch?: number;
  readonly size: readonly [number, number, number];
  /** Before and behind, along both axes. */
  readonly padding: readonly [number, number, number, number];
  readonly channels: readonly [number, number];
}

function geometryOf({ batch = 1, size, padding, channels }: Sizes): ConvGeometry {
  const [top, bottom, left, right] = padding;
  const [planes, rows, columns] = size;
  return {
    ...{
      batch,
      inSize: size,
      outSize: [planes, rows + top + bottom - 2, columns + left + right - 2],
    },
    ...{ window: [1, 3, 3], strides: [1, 1, 1], dilations: [1, 1, 1], groups: 1 },
    ...{ padBefore: [0, top, left], inChannels: channels[0], outChannels: channels[1] },
  };
}

const geometries: Record<string, ConvGeometry> = {
  'whole tiles': geometryOf({ size: [1, 8, 8], padding: [1, 1, 1, 1], channels: [16, 16] }),
  'odd sizes without padding': {
    ...geometryOf({ batch: 5, size: [1, 13, 9], padding: [0, 0, 0, 0], channels: [16, 24] }),
  },
  'an odd and an even size, full padding': {
    ...geometryOf({ batch: 3, size: [1, 6, 7], padding: [2, 2, 2, 2], channels: [20, 28] }),
  },
  'more padding than a window': {
    ...geometryOf({ size: [1, 4, 5], padding: [4, 0, 0, 5], channels: [16, 36] }),
  },
  'images smaller than a tile': {
    ...geometryOf({ batch: 9, size: [1, 1, 2], padding: [1, 1, 1, 1], channels: [4, 12] }),
  },
  'a single position': geometryOf({ size: [1, 3, 3], padding: [0, 0, 0, 0], channels: [8, 4] }),
  'planes of a third axis': {
    ...geometryOf({ batch: 2, size: [3, 5, 6], padding: [1, 0, 0, 1], channels: [16, 16] }),
  },
  'many blocks and parts of channels': {
    ...geometryOf({ batch: 2, size: [1, 13, 11], padding: [1, 1, 1, 1], channels: [76, 132] }),
  },
};

type Arrays = Record<'x' | 'filter' | 'y', Float32Array>;

const elements = (batch: number, size: readonly number[], channels: number): number =>
  size.reduce((all, n) => all * n, batch * channels);

function randomArrays({ batch, inSize, outSize, inChannels, outChannels }: ConvGeometry): Arrays {
  const random = randomSource(7);
  const array = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
  return {
    x: array(elements(batch, inSize, inChannels)),
    y: array(elements(batch, outSize, outChannels)),
    filter: array(9 * inChannels * outChannels),
  };
}

/** In double precision: each product of x, the filter and y, added to what `result` says. */
function reference(geometry: ConvGeometry, arrays: Arrays, result: keyof Arrays): Float64Array {
  const { batch, inSize, outSize, padBefore, inChannels, outChannels } = geometry;
  const sums = new Float64Array(arrays[result].length);
  const planes = batch * inSize[0];
  const [a, b] = (['x', 'filter', 'y'] as const).filter((role) => role !== result) as [
    keyof Arrays,
    keyof Arrays,
  ];
  const [as, bs, at] = [arrays[a], arrays[b], { x: 0, filter: 0, y: 0 }];
  const visit = (xAt: number, filterAt: number, yAt: number): void => {
    for (let c = 0; c < inChannels; c++) {
      at.x = xAt + c;
      for (let o = 0; o < outChannels; o++) {
        at.filter = filterAt + c * outChannels + o;
        at.y = yAt + o;
        sums[at[result]] =
          (sums[at[result]] as number) + (as[at[a]] as number) * (bs[at[b]] as number);
      }
    }
  };
  for (let position = 0; position < planes * outSize[1] * outSize[2]; position++) {
    const column = position % outSize[2];
    const line = Math.floor(position / outSize[2]);
    const [plane, row] = [Math.floor(line / outSize[1]), line % outSize[1]];
    for (let tap = 0; tap < 9; tap++) {
      const i = row + Math.floor(tap / 3) - padBefore[1];
      const j = column + (tap % 3) - padBefore[2];
      if (i < 0 || j < 0 || i >= inSize[1] || j >= inSize[2]) continue;
      const xAt = ((plane * inSize[1] + i) * inSize[2] + j) * inChannels;
      visit(xAt, tap * inChannels * outChannels, position * outChannels);
    }
  }
  return sums;
}

type Emit = (k: KernelFunction, geometry: ConvGeometry, finish?: Kernel) => Code;

interface Kind {
  readonly emit: Emit;
  readonly inputs: readonly [keyof Arrays, keyof Arrays];
  readonly result: keyof Arrays;
}

const inputGradient = (gradient: typeof coveringGradient): Kind => ({
  emit: (k, geometry, finish) => {
    const [dy, filter] = k.inputs as [Local, Local];
    const given = { geometry, dy, filter, dx: k.outputs[0] as Local };
    return gradient(k, finish ? { ...given, finish: finishing(k, finish) } : given);
  },
  inputs: ['y', 'filter'],
  result: 'x',
});

const kinds: Record<string, Kind> = {
  'a convolution': {
    emit: (k, geometry, finish) => {
      const [x, filter] = k.inputs as [Local, Local];
      const given = { geometry, x, filter, y: k.outputs[0] as Local, order: 'plain' as const };
      return winogradConvolution(k, finish ? { ...given, finish: finishing(k, finish) } : given);
    },
    inputs: ['x', 'filter'],
    result: 'y',
  },
  'an input gradient that covers': inputGradient(coveringGradient),
  'an input gradient that spreads': inputGradient(spreadingGradient),
  'a filter gradient': {
    emit: (k, geometry) => {
      const [x, dy] = k.inputs as [Local, Local];
      return winogradFilterGradient(k, { geometry, x, dy, dFilter: k.outputs[0] as Local });
    },
    inputs: ['x', 'y'],
    result: 'filter',
  },
};

interface Run {
  readonly geometry: ConvGeometry;
  readonly arrays: Arrays;
  readonly threads: number;
  readonly relaxedSimd?: boolean;
  readonly finish?: Kernel;
  readonly others?: readonly Float32Array[];
}

function run({ emit, inputs, result }: Kind, given: Run): Float32Array {
  const { geometry, arrays, threads, relaxedSimd = false, finish, others = [] } = given;
  const to = new Float32Array(arrays[result].length).fill(9);
  runKernel((k) => emit(k, geometry, finish), {
    inputs: [...inputs.map((role) => arrays[role]), ...others],
    outputs: [to],
    ...{ threads, passes: 2, relaxedSimd },
  });
  return to;
}

/** So many times: plus the bias of the column, times it. */
function longFinish([rows, columns]: readonly [number, number], turns: number): Kernel {
  const dtype = 'float32';
  const bias: Expression = {
    ...{ kind: 'load', dtype, buffer: 0, bounds: [], otherwise: 0 },
    index: { offset: 0, strides: [0, 1] },
  };
  let value: Expression = { kind: 'register', dtype, register: 0 };
  for (let turn = 0; turn < turns; turn++) {
    const sum: Expression = { kind: 'call', dtype, fn: 'add', args: [value, bias] };
    value = { kind: 'call', dtype, fn: 'mul', args: [sum, bias] };
  }
  return {
    axes: [rows, columns].map((extent) => ({ extent, role: 'parallel' })),
    buffers: [
      { dtype, access: 'read' },
      { dtype, access: 'write' },
    ],
    registers: [{ dtype }],
    body: [{ kind: 'store', buffer: 1, index: { offset: 0, strides: [columns, 1] }, value }],
  };
}

function finished(plain: Float32Array, bias: Float32Array, turns: number): Float32Array {
  return plain.map((element, i) => {
    const b = bias[i % bias.length] as number;
    let value = element;
    for (let turn = 0; turn < turns; turn++) value = Math.fround(Math.fround(value + b) * b);
    return value;
  });
}

/** The first element that is another one, bit by bit; -1 where all are the same. */
const firstDifference = (a: Float32Array, b: Float32Array): number =>
  a.findIndex((value, i) => !Object.is(value, b[i]));

describe('convolutions by tiles of 2 x 2', () => {
  for (const [name, geometry] of Object.entries(geometries)) {
    for (const [what, kind] of Object.entries(kinds)) {
      it(`give ${what} as in double precision for any number of threads: ${name}`, () => {
        const arrays = randomArrays(geometry);
        const wanted = reference(geometry, arrays, kind.result);
        const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const relaxedSimd of new Set([false, supportsRelaxedSimd()])) {
          const one = run(kind, { geometry, arrays, threads: 1, relaxedSimd });
          const errors = one.map((value, i) => Math.abs(value - (wanted[i] as number)));
          const most = errors.reduce((a, b) => Math.max(a, b), 0);
          expect(most / largest).to.be.below(1e-5);
          for (const threads of [2, 3]) {
            const several = run(kind, { geometry, arrays, threads, relaxedSimd });
            expect(firstDifference(several, one), `${threads} threads`).to.equal(-1);
          }
        }
      });
    }
  }

  for (const what of Object.keys(kinds).filter((name) => name !== 'a filter gradient')) {
    for (const turns of [1, 20]) {
      it(`finish every element of ${what} once, by ${turns * 2} operations`, () => {
        const kind = kinds[what] as Kind;
        for (const geometry of Object.values(geometries)) {
          const arrays = randomArrays(geometry);
          const columns = what === 'a convolution' ? geometry.outChannels : geometry.inChannels;
          const plain = run(kind, { geometry, arrays, threads: 1 });
          const bias = Float32Array.from({ length: columns }, (_, i) => 0.5 + (i % 5) / 8);
          const finish = longFinish([plain.length / columns, columns], turns);
          const given = { geometry, arrays, finish, others: [bias] };
          const wanted = finished(plain, bias, turns);
          for (const threads of [1, 3]) {
            const found = run(kind, { ...given, threads });
            expect(firstDifference(found, wanted), `${threads} threads`).to.equal(-1);
          }
        }
      });
    }
  }

  it('are taken where they are faster', () => {
    const taken = (geometry: ConvGeometry) => [
      suitsTiles(geometry),
      tiledInputGradient(geometry) ?? false,
      suitsTiledSums(geometry),
    ];
    const square = (batch: number, n: number, channels: readonly [number, number]) =>
      geometryOf({ batch, size: [1, n, n], padding: [1, 1, 1, 1], channels });
    const valid = { size: [1, 13, 13], padding: [0, 0, 0, 0] } as const;
    const mnist = geometryOf({ batch: 128, ...valid, channels: [32, 64] });
    expect({
      mnist: taken(mnist),
      'residual blocks': [taken(square(16, 32, [16, 16])), taken(square(16, 8, [64, 64]))],
      'few channels': taken(square(16, 32, [8, 64])),
      'channels that are no whole vectors': taken(square(16, 32, [18, 64])),
      'fewer tiles than channels': taken(square(1, 4, [256, 256])),
      strides: taken({ ...square(16, 32, [16, 16]), strides: [1, 2, 2] }),
      'windows of 5': taken({ ...square(16, 32, [16, 16]), window: [1, 5, 5] }),
      groups: taken({ ...square(16, 32, [64, 64]), groups: 2 }),
    }).to.deep.equal({
      mnist: [true, 'spreading', true],
      'residual blocks': [
        [true, 'covering', true],
        [true, 'covering', true],
      ],
      'few channels': [false, false, false],
      'channels that are no whole vectors': [false, false, false],
      'fewer tiles than channels': [false, false, false],
      strides: [false, false, false],
      'windows of 5': [false, false, false],
      groups: [false, false, false],
    });
  });
});
