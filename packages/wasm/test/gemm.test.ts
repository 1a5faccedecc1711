import type { DType, Expression, Kernel, TemplateOf, TypedArray } from '@tenon/core';
import { expect } from 'chai';
import { supportsRelaxedSimd } from '../src/encoder/compile.js';
import { emitGemm } from '../src/templates/gemm.js';
import { arrayOf, type Random, randomSource, valuesOf } from './conv-data.js';
import { runKernel } from './run-kernel.js';

type Gemm = TemplateOf<'gemm'>;

const flags = [false, true] as const;

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Every combination of transposes, and for batches every combination of what is batched. */
function templatesOf({ m, k, n }: Sizes, dtype: DType, batches: readonly number[]): Gemm[] {
  const transposes = flags.flatMap((transposeA) =>
    flags.map((transposeB) => ({ transposeA, transposeB })),
  );
  const shared = [
    { batchedA: true, batchedB: true },
    { batchedA: true, batchedB: false },
    { batchedA: false, batchedB: true },
  ];
  return batches.flatMap((batch) =>
    (batch === 1 ? shared.slice(0, 1) : shared).flatMap((batched) =>
      transposes.map(
        (transposed): Gemm => ({
          ...{ kind: 'gemm', dtype, batch, m, k, n },
          ...transposed,
          ...batched,
        }),
      ),
    ),
  );
}

const lengthsOf = ({ batch, m, k, n, batchedA, batchedB }: Gemm) => ({
  a: (batchedA ? batch : 1) * m * k,
  b: (batchedB ? batch : 1) * k * n,
  c: batch * m * n,
});

/** In float64. */
function reference(template: Gemm, a: readonly number[], b: readonly number[]): number[] {
  const { m, k, n, transposeA, transposeB, batchedA, batchedB } = template;
  return Array.from({ length: lengthsOf(template).c }, (_, at) => {
    const [image, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    const [fromA, fromB] = [batchedA ? image * m * k : 0, batchedB ? image * k * n : 0];
    let sum = 0;
    for (let p = 0; p < k; p++) {
      const left = a[fromA + (transposeA ? p * m + i : i * k + p)] as number;
      sum += left * (b[fromB + (transposeB ? j * k + p : p * n + j)] as number);
    }
    return sum;
  });
}

type Finish = 'none' | 'short' | 'long';

const finishes: readonly Finish[] = ['none', 'short', 'long'];

const longSteps = 12;

/** c -> max(c + bias, 0) beside residual * c; a long one adds the bias twelve times more. */
function finishOf({ batch, m, n }: Gemm, finish: Finish): Kernel {
  const index = (rows: number, columns: number) => ({ offset: 0, strides: [rows, columns] });
  const load = (buffer: number, at: ReturnType<typeof index>) =>
    ({ kind: 'load', dtype: 'float32', buffer, index: at, bounds: [], otherwise: 0 }) as const;
  const call = (fn: 'add' | 'mul' | 'max', ...args: readonly Expression[]): Expression => ({
    ...{ kind: 'call', dtype: 'float32', fn, args },
  });
  const sum: Expression = { kind: 'register', dtype: 'float32', register: 0 };
  const zero: Expression = { kind: 'const', dtype: 'float32', value: 0 };
  const dense = index(n, 1);
  const times = finish === 'long' ? longSteps + 1 : 1;
  const biased = Array.from({ length: times }, () => load(0, index(0, 1))).reduce<Expression>(
    (all, bias) => call('add', all, bias),
    sum,
  );
  const residual = call('mul', sum, load(1, dense));
  return {
    axes: [
      { extent: batch * m, role: 'parallel' },
      { extent: n, role: 'parallel' },
    ],
    buffers: (['read', 'read', 'write', 'write'] as const).map((access) => ({
      ...{ dtype: 'float32', access },
    })),
    registers: [{ dtype: 'float32' }],
    body: [
      { kind: 'store', buffer: 2, index: dense, value: call('max', biased, zero) },
      { kind: 'store', buffer: 3, index: dense, value: residual },
    ],
  };
}

/** Threads run one after the other; where barriers part a kernel in phases, that is right after as many passes. */
const passes = 4;

interface Given {
  readonly template: Gemm;
  readonly random: Random;
  readonly finish?: Finish;
  readonly relaxedSimd?: boolean;
}

const whole: readonly DType[] = ['int32', 'int8', 'uint8', 'bool', 'int64'];
const tolerances: Partial<Record<DType, number>> = {
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
  float64: 1e-14,
};

function check({
  template,
  random,
  finish = 'none',
  relaxedSimd = supportsRelaxedSimd(),
}: Given): void {
  const { dtype, n, k } = template;
  const lengths = lengthsOf(template);
  const fraction = whole.includes(dtype) ? 1 : 8;
  const values = (length: number) =>
    arrayOf(
      dtype,
      Array.from({ length }, () => Math.round(random() * 16 - 8) / fraction),
    );
  const [a, b] = [values(lengths.a), values(lengths.b)];
  const finished = finish !== 'none';
  const extra = finished ? [values(n), values(lengths.c)] : [];
  const given = { inputs: [], ...(finished && { finish: finishOf(template, finish) }) };
  const results = [1, 2, 3].map((threads) => {
    const outputs = Array.from({ length: finished ? 2 : 1 }, () =>
      arrayOf(dtype, new Array<number>(lengths.c).fill(9)),
    );
    runKernel((f) => emitGemm(template, f, given), {
      ...{ inputs: [a, b, ...extra], outputs, threads, passes, relaxedSimd },
    });
    return outputs.map((output) => valuesOf(dtype, output));
  });
  const sums = reference(template, valuesOf(dtype, a), valuesOf(dtype, b));
  const [bias, residual] = extra.map((array) => valuesOf(dtype, array as TypedArray));
  const times = finish === 'long' ? longSteps + 1 : 1;
  const expected = finished
    ? [
        sums.map((sum, i) => Math.max(sum + times * (bias?.[i % n] as number), 0)),
        sums.map((sum, i) => sum * (residual?.[i] as number)),
      ]
    : [sums.map((sum) => (whole.includes(dtype) ? (arrayValue(dtype, sum) as number) : sum))];
  const where = JSON.stringify(template);
  expect(results[1], `2 threads: ${where}`).to.deep.equal(results[0]);
  expect(results[2], `3 threads: ${where}`).to.deep.equal(results[0]);
  const tolerance = (tolerances[dtype] ?? 1e-6) * Math.max(1, k) ** 0.5 * 2;
  const wrong = expected.flatMap((all, output) =>
    all.flatMap((value, i) => {
      const got = results[0]?.[output]?.[i] as number;
      const apart = Math.abs(got - value);
      return apart <= tolerance * Math.max(1, Math.abs(value)) ? [] : [{ output, i, value, got }];
    }),
  );
  expect(wrong.slice(0, 5), where).to.deep.equal([]);
}

const arrayValue = (dtype: DType, value: number): number | undefined =>
  valuesOf(dtype, arrayOf(dtype, [value]))[0];

describe('matrix products', () => {
  const seed = 31;
  const { random, integer } = sourceOf(seed);
  const anySizes = (): Sizes => ({ m: integer(18), k: integer(18), n: integer(18) });

  it('are right for random small sizes, all transposes and batches', () => {
    for (let turn = 0; turn < 12; turn++)
      for (const template of templatesOf(anySizes(), 'float32', [1, 3]))
        check({ template, random, finish: finishes[turn % 3] as Finish });
  });

  it('are right for vectors and thin matrices', () => {
    const thin = [
      [1, 1, 1],
      [1, 37, 1],
      [1, 4099, 1],
      [2, 9000, 3],
      [1, 70, 131],
      [2, 45, 67],
      [3, 130, 50],
      [1, 33, 5],
      [101, 70, 1],
      [53, 45, 2],
      [66, 31, 3],
      [40, 20, 10],
    ] as const;
    for (const [i, [m, k, n]] of thin.entries()) {
      const finish = i % 2 === 0 ? 'short' : 'long';
      for (const template of templatesOf({ m, k, n }, 'float32', [1]))
        check({ template, random, finish });
      for (const template of templatesOf({ m, k, n }, 'float32', [1, 2]))
        check({ template, random });
    }
  });

  it('are right for sizes that are cut into blocks', () => {
    const large = [
      [67, 301, 90],
      [301, 67, 33],
      [33, 600, 131],
      [11, 5003, 13],
      [266, 40, 9],
      [7, 40, 1100],
    ] as const;
    for (const [m, k, n] of large)
      for (const finish of finishes)
        for (const template of templatesOf({ m, k, n }, 'float32', [1]))
          check({ template, random, finish });
  });

  it('are right without fused multiply-add', () => {
    for (const template of templatesOf({ m: 37, k: 41, n: 29 }, 'float32', [1, 2]))
      check({ template, random, relaxedSimd: false });
  });

  for (const dtype of [...whole, 'float64', 'float16', 'bfloat16'] as const)
    it(`are right for ${dtype}`, () => {
      for (let turn = 0; turn < 4; turn++)
        for (const template of templatesOf(anySizes(), dtype, [1, 3])) check({ template, random });
      for (const template of templatesOf({ m: 33, k: 70, n: 21 }, dtype, [1]))
        check({ template, random });
    });
});

function sourceOf(seed: number) {
  const random = randomSource(seed);
  return { random, integer: (below: number) => Math.floor(random() * below) };
}
