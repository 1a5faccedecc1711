import type { DType, PoolGeometry, Template, TemplateKind, TypedArray } from '@tenon/core';
import { dtypes } from '@tenon/core';
import { expect } from 'chai';
import { emitAveragePoolGradient, emitMaxPoolGradient, emitPool } from '../src/templates/pool.js';
import { emitMaxPoolIndex, emitMaxPoolSelect } from '../src/templates/pool-select.js';
import type { EmitTemplate } from '../src/templates/template.js';
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
import { elementsOf, randomPool } from './conv-geometry.js';
import { referenceOf } from './conv-reference.js';
import { runKernel } from './run-kernel.js';

const emitters: Partial<Record<TemplateKind, unknown>> = {
  pool: emitPool,
  averagePoolGradient: emitAveragePoolGradient,
  maxPoolGradient: emitMaxPoolGradient,
  maxPoolSelect: emitMaxPoolSelect,
  maxPoolIndex: emitMaxPoolIndex,
};

const templatesOf = (dtype: DType, geometry: PoolGeometry): Template[] => {
  const maxima: Template[] = [
    { kind: 'pool', mode: 'max', countPadding: false, dtype, geometry },
    { kind: 'maxPoolGradient', dtype, geometry },
    { kind: 'maxPoolSelect', dtype, geometry },
    { kind: 'maxPoolIndex', includeBatch: false, dtype, geometry },
    { kind: 'maxPoolIndex', includeBatch: true, dtype, geometry },
  ];
  if (dtypes[dtype].kind !== 'float') return maxima;
  const averages = [false, true].flatMap((countPadding): Template[] => [
    { kind: 'pool', mode: 'average', countPadding, dtype, geometry },
    { kind: 'averagePoolGradient', countPadding, dtype, geometry },
  ]);
  return [...maxima, ...averages];
};

const finishes: readonly TemplateKind[] = ['pool', 'averagePoolGradient', 'maxPoolGradient'];

type Side = 'inSize' | 'outSize';

/** What the inputs and the output of each template have the shape of. */
const sides: Partial<Record<TemplateKind, readonly Side[]>> = {
  pool: ['inSize', 'outSize'],
  averagePoolGradient: ['outSize', 'inSize'],
  maxPoolGradient: ['inSize', 'outSize', 'inSize'],
  maxPoolSelect: ['inSize', 'inSize', 'outSize'],
  maxPoolIndex: ['inSize', 'outSize'],
};

/** Few different values, so that windows often hold their maximum twice; the first input also has NaN and infinities. */
function values(random: Random, dtype: DType, { length, special }: Wanted): TypedArray {
  const specials = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, -0];
  const element = () => {
    const pick = Math.floor(random() * 60);
    if (special && pick < 5) return specials[pick] as number;
    return dtype === 'bool' ? pick % 2 : (pick % 6) - (dtype === 'uint8' ? 0 : 3);
  };
  return arrayOf(dtype, Array.from({ length }, element));
}

interface Wanted {
  readonly length: number;
  readonly special: boolean;
}

function check(template: Template, geometry: PoolGeometry, random: Random): void {
  const { dtype, kind } = template;
  const lengths = (sides[kind] as Side[]).map((side) =>
    elementsOf(geometry, side, geometry.channels),
  );
  const special = dtypes[dtype].kind === 'float' && kind !== 'averagePoolGradient';
  const inputs = lengths
    .slice(0, -1)
    .map((length, i) => values(random, dtype, { length, special: special && i === 0 }));
  const outputType = kind === 'maxPoolIndex' ? 'int32' : dtype;
  const output = () => arrayOf(outputType, new Array<number>(lengths.at(-1) as number).fill(1));
  const wanted = referenceOf(template, inputs, {
    dtype: outputType,
    length: lengths.at(-1) as number,
  });
  const emit = emitters[kind] as EmitTemplate<TemplateKind>;
  const results = [1, 2, 3].map((threads) => {
    const y = output();
    runKernel((k) => emit(template as never, k), { inputs, outputs: [y], threads });
    return y;
  });
  const [one] = results as [TypedArray];
  const where = JSON.stringify(template);
  for (const result of results) expect(bytesOf(result), where).to.deep.equal(bytesOf(one));
  if (dtype === 'float32' && finishes.includes(kind)) {
    const finished = { emit: emit as never, template, inputs, plain: one, random };
    const columns = geometry.channels;
    expect(finishDifferences({ ...finished, columns }), where).to.deep.equal([]);
  }
  const actual = valuesOf(outputType, one);
  expect(differences(actual, wanted, toleranceOf(outputType)), where).to.deep.equal([]);
}

describe('pooling kernels', () => {
  for (const dtype of Object.keys(dtypes) as DType[]) {
    it(`give what the js device gives, with any number of threads, on random windows: ${dtype}`, () => {
      const random = randomSource(7);
      for (let turn = 0; turn < (dtype === 'float32' ? 16 : 3); turn++) {
        const geometry = randomPool(random);
        for (const template of templatesOf(dtype, geometry)) check(template, geometry, random);
      }
    });
  }

  it('write all of dx where windows leave the end of x out', () => {
    const random = randomSource(3);
    const [inSize, outSize, pair] = [
      [5, 7, 9],
      [2, 3, 4],
      [2, 2, 2],
    ] as const;
    const one = [1, 1, 1] as const;
    const sizes = { inSize, outSize, window: pair, strides: pair, dilations: one };
    const geometry = { ...sizes, batch: 3, padBefore: [0, 0, 0], channels: 5 } as const;
    for (const template of templatesOf('float32', geometry)) check(template, geometry, random);
  });
});
