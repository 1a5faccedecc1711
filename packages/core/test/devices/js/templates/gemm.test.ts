import { expect } from 'chai';
import fc from 'fast-check';
import { halfCodecs } from '../../../../src/graph/host-tensor.js';
import type { TemplateOf } from '../../../../src/lower/template.js';
import { arrayOf, dtype, kept, runTemplate, seed, size, wholeNumbers } from './arrays.js';

type Gemm = TemplateOf<'gemm'>;

function reference(template: Gemm, a: readonly number[], b: readonly number[]): number[] {
  const { batch, m, k, n, transposeA, transposeB, batchedA, batchedB } = template;
  const c: number[] = [];
  for (let q = 0; q < batch; q++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          const x = (batchedA ? q * m * k : 0) + (transposeA ? p * m + i : i * k + p);
          const y = (batchedB ? q * k * n : 0) + (transposeB ? j * k + p : p * n + j);
          sum += (a[x] as number) * (b[y] as number);
        }
        c.push(sum);
      }
    }
  }
  return c;
}

function operands(
  { batch, m, k, n, batchedA, batchedB }: Gemm,
  start: number,
): [number[], number[]] {
  return [
    wholeNumbers((batchedA ? batch : 1) * m * k, start),
    wholeNumbers((batchedB ? batch : 1) * k * n, start + 1),
  ];
}

const plain = {
  kind: 'gemm',
  dtype: 'float32',
  batch: 1,
  transposeA: false,
  transposeB: false,
  batchedA: true,
  batchedB: true,
} as const;

describe('js templates: gemm', () => {
  it('is the triple loop, for every dtype, transposition, batch and tail', () => {
    const template: fc.Arbitrary<Gemm> = fc.record({
      kind: fc.constant('gemm' as const),
      dtype,
      batch: fc.integer({ min: 0, max: 3 }),
      m: size,
      k: size,
      n: size,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      batchedA: fc.boolean(),
      batchedB: fc.boolean(),
    });
    fc.assert(
      fc.property(template, seed, (gemm, start) => {
        const [a, b] = operands(gemm, start);
        const c = arrayOf(gemm.dtype, wholeNumbers(gemm.batch * gemm.m * gemm.n, 0));
        const [result] = runTemplate(gemm, {
          inputs: [arrayOf(gemm.dtype, a), arrayOf(gemm.dtype, b)],
          outputs: [c],
        });
        expect(result).to.eql(kept(gemm.dtype, reference(gemm, a, b)));
      }),
    );
  });

  it('joins blocks of rows, columns and depth', () => {
    for (const [m, k, n] of [
      [67, 300, 131],
      [3, 5, 1100],
      [1100, 5, 3],
      [1, 600, 9],
    ] as const) {
      for (const type of ['float32', 'int32'] as const) {
        const gemm: Gemm = { ...plain, dtype: type, m, k, n, transposeA: true };
        const [a, b] = operands(gemm, 7);
        const [result] = runTemplate(gemm, {
          inputs: [arrayOf(type, a), arrayOf(type, b)],
          outputs: [arrayOf(type, wholeNumbers(m * n, 0))],
        });
        expect(result).to.eql(reference(gemm, a, b));
      }
    }
  });

  it('wraps products of 32-bit integers exactly', () => {
    const gemm: Gemm = { ...plain, dtype: 'int32', m: 16, k: 16, n: 16 };
    const a = wholeNumbers(256, 1).map((value) => value * 123456789);
    const b = wholeNumbers(256, 2).map((value) => value * 98765431);
    const exact = Array.from({ length: 256 }, (_, at) => {
      let sum = 0n;
      for (let p = 0; p < 16; p++) {
        sum += BigInt(a[(at >> 4) * 16 + p] as number) * BigInt(b[p * 16 + (at & 15)] as number);
      }
      return Number(BigInt.asIntN(32, sum));
    });
    const inputs = [arrayOf('int32', a), arrayOf('int32', b)];
    expect(runTemplate(gemm, { inputs, outputs: [new Int32Array(256)] })).to.eql([exact]);
  });

  it('adds in double precision', () => {
    const [[result]] = runTemplate(
      { ...plain, m: 1, k: 3, n: 1 },
      {
        inputs: [arrayOf('float32', [2 ** 25, 1, -(2 ** 25)]), arrayOf('float32', [1, 1, 1])],
        outputs: [new Float32Array(1)],
      },
    ) as [[number]];
    expect(result).to.equal(1);
  });

  it('computes half precision in float32 and rounds once', () => {
    for (const type of ['float16', 'bfloat16'] as const) {
      const { encode, decode } = halfCodecs[type];
      const gemm: Gemm = { ...plain, dtype: type, m: 5, k: 6, n: 7 };
      const [a, b] = operands(gemm, 3);
      const outputs = [new Uint16Array(35)];
      runTemplate(gemm, {
        inputs: [Uint16Array.from(a, encode), Uint16Array.from(b, encode)],
        outputs,
      });
      expect(Array.from(outputs[0] as Uint16Array, decode)).to.eql(reference(gemm, a, b));
    }
  });

  it('propagates NaN and infinity from the operands', () => {
    const gemm: Gemm = { ...plain, m: 4, k: 4, n: 4 };
    const a = new Float32Array(16).fill(0);
    a[0] = Number.NaN;
    a[4] = Number.POSITIVE_INFINITY;
    const inputs = [a, new Float32Array(16).fill(2)];
    const [result] = runTemplate(gemm, { inputs, outputs: [new Float32Array(16)] });
    expect(result?.slice(0, 9)).to.eql([
      NaN,
      NaN,
      NaN,
      NaN,
      Infinity,
      Infinity,
      Infinity,
      Infinity,
      0,
    ]);
  });
});
