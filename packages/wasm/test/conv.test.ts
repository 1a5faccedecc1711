import type { ConvGeometry, DType, Template, TypedArray } from '@tenon/core';
import { expect } from 'chai';
import { emitConv, emitConvFilterGradient, emitConvInputGradient } from '../src/templates/conv.js';
import {
  arrayOf,
  bytesOf,
  differences,
  type Random,
  randomSource,
  toleranceOf,
  valuesOf,
} from './conv-data.js';
import { finishDifferences } from './conv-finish.js';
import { elementsOf, randomConv, randomDepthwise, sameConv } from './conv-geometry.js';
import { referenceOf } from './conv-reference.js';
import { runKernel } from './run-kernel.js';

const kinds = ['conv', 'convInputGradient', 'convFilterGradient'] as const;
type Kind = (typeof kinds)[number];

const emitters = {
  conv: emitConv,
  convInputGradient: emitConvInputGradient,
  convFilterGradient: emitConvFilterGradient,
};

/** Inputs, then the output. */
const roles = {
  conv: ['x', 'filter', 'y'],
  convInputGradient: ['y', 'filter', 'x'],
  convFilterGradient: ['x', 'y', 'filter'],
} as const satisfies Record<Kind, readonly string[]>;

function lengthsOf(geometry: ConvGeometry): Record<'x' | 'filter' | 'y', number> {
  const { window, inChannels, outChannels, groups } = geometry;
  return {
    x: elementsOf(geometry, 'inSize', inChannels),
    y: elementsOf(geometry, 'outSize', outChannels),
    filter: window.reduce((all, size) => all * size, (inChannels / groups) * outChannels),
  };
}

interface Given {
  readonly dtype: DType;
  readonly geometry: ConvGeometry;
  readonly random: Random;
}

function check(kind: Kind, { dtype, geometry, random }: Given): void {
  const lengths = lengthsOf(geometry);
  const [first, second, result] = roles[kind].map((role) => lengths[role]) as [
    number,
    number,
    number,
  ];
  const values = (length: number) =>
    Array.from({ length }, () => Math.round(random() * 16 - 8) / 4);
  const inputs = [first, second].map((length) => arrayOf(dtype, values(length)));
  const template = { kind, dtype, geometry } as const;
  const results = [1, 2, 3].map((threads) => {
    const y = arrayOf(dtype, new Array<number>(result).fill(9));
    runKernel((k) => emitters[kind](template as never, k), {
      inputs,
      outputs: [y],
      threads,
      passes: 2,
    });
    return y;
  });
  const [one] = results as [TypedArray];
  const where = JSON.stringify(template satisfies Template);
  for (const y of results) expect(bytesOf(y), where).to.deep.equal(bytesOf(one));
  const columns = kind === 'conv' ? geometry.outChannels : geometry.inChannels;
  if (dtype === 'float32' && kind !== 'convFilterGradient') {
    const emit = emitters[kind] as never;
    const finished = { emit, template, inputs, plain: one, columns, random };
    expect(finishDifferences(finished), where).to.deep.equal([]);
  }
  const wanted = referenceOf(template, inputs, { dtype, length: result });
  expect(differences(valuesOf(dtype, one), wanted, toleranceOf(dtype)), where).to.deep.equal([]);
}

/** Sizes that kernels have paths of their own for. */
const special: Record<string, ConvGeometry> = {
  'every window one position': sameConv({ size: [1, 7, 9], window: [1, 1, 1], channels: [9, 20] }),
  'every second position': {
    ...sameConv({ size: [1, 7, 9], window: [1, 1, 1], stride: 2, channels: [8, 12] }),
  },
  'a single long row': sameConv({ size: [1, 1, 70], window: [1, 1, 5], channels: [8, 36] }),
  'a long row that looks back': {
    ...sameConv({ size: [1, 1, 101], window: [1, 1, 3], channels: [5, 7] }),
    ...{ dilations: [1, 1, 40], padBefore: [0, 0, 80] },
  },
  'rows longer than a segment': sameConv({
    size: [1, 2, 110],
    window: [1, 2, 1],
    channels: [3, 9],
  }),
  'a filter larger than a part': sameConv({
    size: [1, 3, 4],
    window: [1, 3, 3],
    channels: [128, 136],
  }),
  'many outputs, windows with gaps': {
    ...sameConv({ size: [1, 5, 7], window: [1, 3, 3], channels: [9, 130] }),
    ...{ dilations: [1, 2, 2], padBefore: [0, 2, 2] },
  },
  'many channels, windows with gaps': {
    ...sameConv({ size: [1, 5, 7], window: [1, 3, 3], channels: [130, 9] }),
    ...{ dilations: [1, 2, 2], padBefore: [0, 2, 2] },
  },
  'many outputs of volumes': {
    ...sameConv({ batch: 2, size: [3, 3, 4], window: [2, 3, 2], stride: 2, channels: [8, 128] }),
  },
  'few channels and wide windows': {
    ...sameConv({ size: [1, 12, 13], window: [1, 7, 7], stride: 2, channels: [3, 12] }),
  },
  'one channel': sameConv({ batch: 2, size: [1, 9, 11], window: [1, 3, 3], channels: [1, 16] }),
  'one output': sameConv({ batch: 2, size: [1, 9, 11], window: [1, 3, 3], channels: [16, 1] }),
  'groups of six': sameConv({ size: [1, 5, 6], window: [1, 3, 3], channels: [8, 12], groups: 2 }),
  volumes: sameConv({ size: [4, 5, 6], window: [3, 3, 3], stride: 2, channels: [4, 6] }),
  'no images': sameConv({ batch: 0, size: [1, 5, 6], window: [1, 3, 3], channels: [4, 8] }),
  'no channels': sameConv({ size: [1, 5, 6], window: [1, 3, 3], channels: [0, 8] }),
  'no outputs': sameConv({ size: [1, 5, 6], window: [1, 3, 3], channels: [4, 0] }),
};

describe('convolution kernels', () => {
  for (const kind of kinds) {
    for (const dtype of ['float32', 'float64', 'float16', 'bfloat16', 'int32'] as const) {
      it(`give what the js device gives on random windows: ${kind}, ${dtype}`, () => {
        const random = randomSource(11);
        for (let turn = 0; turn < (dtype === 'float32' ? 60 : 5); turn++) {
          check(kind, { dtype, geometry: randomConv(random), random });
        }
      });
    }
  }

  for (const [name, geometry] of Object.entries(special)) {
    it(`give what the js device gives: ${name}`, () => {
      const random = randomSource(5);
      for (const kind of kinds) check(kind, { dtype: 'float32', geometry, random });
    });
  }

  it('give what the js device gives where each channel is convolved by itself', () => {
    const random = randomSource(13);
    for (let turn = 0; turn < 20; turn++) {
      const geometry = randomDepthwise(random);
      for (const kind of kinds) check(kind, { dtype: 'float32', geometry, random });
    }
  });
});
