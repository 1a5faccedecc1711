import { expect } from 'chai';
import fc from 'fast-check';
import type { PoolGeometry, Template } from '../../../../src/lower/template.js';
import { arrayOf, runTemplate, seed, wholeNumbers } from './arrays.js';
import { geometries, inputPositions, windowsOf } from './window-reference.js';

const pools: fc.Arbitrary<PoolGeometry> = fc
  .tuple(geometries, fc.integer({ min: 1, max: 3 }))
  .map(([geometry, channels]) => ({ ...geometry, channels }));

/** The windows of every output element, as flat indices into x, in order. */
const elementWindows = (geometry: PoolGeometry): number[][] =>
  windowsOf(geometry).flatMap((positions) =>
    Array.from({ length: geometry.channels }, (_, c) =>
      positions.flatMap((position) =>
        position === undefined ? [] : [position * geometry.channels + c],
      ),
    ),
  );

const run = (template: Template, inputs: readonly number[][], length: number): number[] =>
  runTemplate(template, {
    inputs: inputs.map((values) => arrayOf('float64', values)),
    outputs: [template.kind === 'maxPoolIndex' ? new Int32Array(length) : new Float64Array(length)],
  })[0] as number[];

const maximum = (window: readonly number[], x: readonly number[]): number =>
  window.reduce(
    (best, at) => (best < 0 || (x[at] as number) > (x[best] as number) ? at : best),
    -1,
  );

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).to.equal(expected.length);
  actual.forEach((value, i) => {
    expect(value).to.be.closeTo(expected[i] as number, 1e-12);
  });
};

describe('js templates: pooling', () => {
  const given = (geometry: PoolGeometry, start: number) => {
    const windows = elementWindows(geometry);
    return {
      windows,
      x: wholeNumbers(inputPositions(geometry) * geometry.channels, start),
      dy: wholeNumbers(windows.length, start + 1),
    };
  };

  it('takes, routes back and indexes the first maximum of each window', () => {
    fc.assert(
      fc.property(pools, seed, fc.boolean(), (geometry, start, includeBatch) => {
        const { windows, x, dy } = given(geometry, start);
        const best = windows.map((window) => maximum(window, x));
        const v = wholeNumbers(x.length, start + 2);
        const dx = x.map(() => 0);
        best.forEach((at, i) => {
          if (at >= 0) dx[at] = (dx[at] as number) + (dy[i] as number);
        });
        const image = geometry.batch ? x.length / geometry.batch : 1;
        const base = { dtype: 'float64', geometry } as const;
        const pooled = run(
          { ...base, kind: 'pool', mode: 'max', countPadding: false },
          [x],
          best.length,
        );
        expect({
          pooled,
          gradient: run({ ...base, kind: 'maxPoolGradient' }, [x, dy], x.length),
          selected: run({ ...base, kind: 'maxPoolSelect' }, [x, v], best.length),
          indices: run({ ...base, kind: 'maxPoolIndex', includeBatch }, [x], best.length),
        }).to.eql({
          pooled: best.map((at) => (at < 0 ? -Infinity : x[at])),
          gradient: dx,
          selected: best.map((at) => (at < 0 ? 0 : v[at])),
          indices: best.map((at) => (at < 0 ? 0 : includeBatch ? at : at % image)),
        });
      }),
    );
  });

  it('averages over the positions inside x, or over the whole window', () => {
    fc.assert(
      fc.property(pools, seed, fc.boolean(), (geometry, start, countPadding) => {
        const { windows, x, dy } = given(geometry, start);
        const taps = geometry.window[0] * geometry.window[1] * geometry.window[2];
        const dx = x.map(() => 0);
        const y = windows.map((window, i) => {
          const count = countPadding ? taps : Math.max(1, window.length);
          for (const at of window) dx[at] = (dx[at] as number) + (dy[i] as number) / count;
          return window.reduce((sum, at) => sum + (x[at] as number), 0) / count;
        });
        const base = { dtype: 'float64', geometry, countPadding } as const;
        close(run({ ...base, kind: 'pool', mode: 'average' }, [x], y.length), y);
        close(run({ ...base, kind: 'averagePoolGradient' }, [dy], x.length), dx);
      }),
    );
  });

  it('gives NaN for a window that holds one, and its position', () => {
    const geometry: PoolGeometry = {
      batch: 1,
      inSize: [1, 1, 4],
      outSize: [1, 1, 2],
      window: [1, 1, 2],
      strides: [1, 1, 2],
      dilations: [1, 1, 1],
      padBefore: [0, 0, 0],
      channels: 1,
    };
    const base = { dtype: 'float64', geometry } as const;
    const x = [5, NaN, 3, 4];
    expect([
      run({ ...base, kind: 'pool', mode: 'max', countPadding: false }, [x], 2),
      run({ ...base, kind: 'maxPoolIndex', includeBatch: false }, [x], 2),
    ]).to.eql([
      [NaN, 4],
      [1, 3],
    ]);
  });
});
