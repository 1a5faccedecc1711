import { expect } from 'chai';
import fc from 'fast-check';
import { GraphError } from '../../../../src/errors.js';
import type { TypedArray } from '../../../../src/graph/dtype.js';
import { arrayOf, dtype, kept, runTemplate, seed, wholeNumbers } from './arrays.js';

const indexDtype = fc.constantFrom('int32' as const, 'int64' as const);
const small = fc.integer({ min: 0, max: 5 });
const indicesBelow = (size: number) =>
  fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 9 });

const errorOf = (action: () => unknown): GraphError => {
  try {
    action();
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('js templates: gather and scatter', () => {
  const rows = fc
    .integer({ min: 1, max: 6 })
    .chain((size) => fc.record({ size: fc.constant(size), indices: indicesBelow(size) }));

  it('gathers slices along the middle axis, for indices of both dtypes', () => {
    fc.assert(
      fc.property(
        rows,
        small,
        small,
        dtype,
        indexDtype,
        seed,
        ({ size, indices }, outer, inner, type, indexType, start) => {
          const x = wholeNumbers(outer * size * inner, start);
          const expected = Array.from({ length: outer }, (_, o) =>
            indices.map((index) =>
              x.slice((o * size + index) * inner, (o * size + index + 1) * inner),
            ),
          ).flat(2);
          const [result] = runTemplate(
            {
              kind: 'gather',
              dtype: type,
              view: { outer, size, inner },
              count: indices.length,
              where: 'gather',
            },
            {
              inputs: [arrayOf(type, x), arrayOf(indexType, indices)],
              outputs: [arrayOf(type, expected)],
            },
          );
          expect(result).to.eql(expected);
        },
      ),
    );
  });

  const combines: Record<'add' | 'set' | 'max' | 'min' | 'prod', (a: number, b: number) => number> =
    {
      add: (a, b) => a + b,
      set: (_, b) => b,
      max: Math.max,
      min: Math.min,
      prod: (a, b) => a * b,
    };

  for (const mode of Object.keys(combines) as (keyof typeof combines)[]) {
    it(`scatters rows with ${mode}, in the order of the indices`, () => {
      fc.assert(
        fc.property(rows, small, dtype, seed, ({ size, indices }, inner, type, start) => {
          const base = wholeNumbers(size * inner, start);
          const updates = wholeNumbers(indices.length * inner, start + 1);
          const expected = [...base];
          updates.forEach((update, from) => {
            const at = (indices[Math.floor(from / inner)] as number) * inner + (from % inner);
            expected[at] =
              (kept(type, [combines[mode](expected[at] as number, update)])[0] as number) + 0;
          });
          const [result] = runTemplate(
            {
              kind: 'scatter',
              dtype: type,
              mode,
              rows: size,
              inner,
              count: indices.length,
              where: 'scatter',
            },
            {
              inputs: [arrayOf(type, base), arrayOf('int32', indices), arrayOf(type, updates)],
              outputs: [arrayOf(type, base)],
            },
          );
          expect(result?.map((value) => value + 0)).to.eql(expected);
        }),
      );
    });
  }

  it('propagates NaN through max and min from either side', () => {
    const results = (['max', 'min'] as const).map((mode) =>
      runTemplate(
        { kind: 'scatter', dtype: 'float32', mode, rows: 2, inner: 1, count: 2, where: 'scatter' },
        {
          inputs: [
            arrayOf('float32', [NaN, 1]),
            arrayOf('int32', [0, 1]),
            arrayOf('float32', [1, NaN]),
          ],
          outputs: [new Float32Array(2)],
        },
      ),
    );
    expect(results).to.eql([[[NaN, NaN]], [[NaN, NaN]]]);
  });

  it('names an index outside the axis, its position and the range', () => {
    const gather = (indices: TypedArray, size: number) =>
      errorOf(() =>
        runTemplate(
          {
            kind: 'gather',
            dtype: 'float32',
            view: { outer: 1, size, inner: 1 },
            count: indices.length,
            where: 'words',
          },
          {
            inputs: [new Float32Array(size), indices],
            outputs: [new Float32Array(indices.length)],
          },
        ),
      );
    const scatter = errorOf(() =>
      runTemplate(
        {
          kind: 'scatter',
          dtype: 'float32',
          mode: 'add',
          rows: 2,
          inner: 1,
          count: 1,
          where: 'rows',
        },
        {
          inputs: [new Float32Array(2), arrayOf('int32', [-1]), new Float32Array(1)],
          outputs: [new Float32Array(2)],
        },
      ),
    );
    const errors = [gather(arrayOf('int32', [0, 3]), 3), gather(arrayOf('int64', [0]), 0), scatter];
    expect(errors.map(({ code, where, details }) => [code, where, details.what])).to.eql([
      ['INDEX_OUT_OF_RANGE', 'words', 'index 3 at position 1 is outside 0..2.'],
      ['INDEX_OUT_OF_RANGE', 'words', 'index 0 at position 0 is outside an empty axis.'],
      ['INDEX_OUT_OF_RANGE', 'rows', 'index -1 at position 0 is outside 0..1.'],
    ]);
  });
});
