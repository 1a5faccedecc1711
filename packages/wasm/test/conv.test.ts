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
import { elementsOf, randomConv } from './conv-geometry.js';
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

describe('convolution kernels', () => {
  for (const kind of kinds) {
    for (const dtype of ['float32', 'float64', 'float16', 'bfloat16', 'int32'] as const) {
      it(`give what the js device gives on random windows: ${kind}, ${dtype}`, () => {
        const random = randomSource(11);
        for (let turn = 0; turn < (dtype === 'float32' ? 100 : 6); turn++) {
          check(kind, { dtype, geometry: randomConv(random), random });
        }
      });
    }
  }
});
