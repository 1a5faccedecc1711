import { expect } from 'chai';
import fc from 'fast-check';
import { halfCodecs } from '../../../../src/graph/host-tensor.js';
import type { AxisView, TemplateOf } from '../../../../src/lower/template.js';
import { arrayOf, dtype, kept, runTemplate, seed, wholeNumbers } from './arrays.js';

const views: fc.Arbitrary<AxisView> = fc.record({
  outer: fc.integer({ min: 0, max: 3 }),
  size: fc.integer({ min: 0, max: 17 }),
  inner: fc.integer({ min: 0, max: 3 }),
});

/** Applies `along` to every line of the middle axis, and lays the results out in the same way. */
function alongAxis(
  { outer, size, inner }: AxisView,
  x: readonly number[],
  along: (line: number[]) => number[],
): number[] {
  const result: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (let n = 0; n < inner; n++) {
      const line = Array.from({ length: size }, (_, i) => x[(o * size + i) * inner + n] as number);
      const values = along(line);
      values.forEach((value, i) => {
        result[(o * values.length + i) * inner + n] = value;
      });
    }
  }
  return result;
}

/** Ascending with NaN last. */
const compare = (a: number, b: number): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b;

const withNaN = (values: readonly number[]): number[] =>
  values.map((value) => (value === 2 ? NaN : value));

describe('js templates: sort', () => {
  it('is stable in both directions, with NaN as the largest', () => {
    fc.assert(
      fc.property(views, dtype, fc.boolean(), seed, (view, type, descending, start) => {
        const whole = wholeNumbers(view.outer * view.size * view.inner, start);
        const x = type.startsWith('float') ? withNaN(whole) : whole;
        const order = (line: number[]) =>
          line
            .map((_, i) => i)
            .sort((a, b) => {
              const difference = compare(line[a] as number, line[b] as number);
              return (descending ? -difference : difference) || a - b;
            });
        const results = runTemplate(
          { kind: 'sort', dtype: type, view, descending },
          {
            inputs: [arrayOf(type, x)],
            outputs: [
              arrayOf(
                type,
                x.map(() => 0),
              ),
              new Int32Array(x.length),
            ],
          },
        );
        expect(results).to.eql([
          alongAxis(view, x, (line) => order(line).map((i) => line[i] as number)),
          alongAxis(view, x, order),
        ]);
      }),
    );
  });

  it('sorts half precision and gives int32 indices', () => {
    const { encode, decode } = halfCodecs.float16;
    const outputs = [new Uint16Array(3), new Int32Array(3)] as const;
    runTemplate(
      { kind: 'sort', dtype: 'float16', view: { outer: 1, size: 3, inner: 1 }, descending: true },
      { inputs: [Uint16Array.from([0.5, 2, -1], encode)], outputs },
    );
    expect([Array.from(outputs[0], decode), [...outputs[1]]]).to.eql([
      [2, 0.5, -1],
      [1, 0, 2],
    ]);
  });
});

describe('js templates: cumulative', () => {
  type Combine = TemplateOf<'cumulative'>['combine'];
  const combines: Record<Combine, { first: number; apply(a: number, b: number): number }> = {
    sum: { first: 0, apply: (a, b) => a + b },
    prod: { first: 1, apply: (a, b) => a * b },
    max: { first: -Infinity, apply: Math.max },
    min: { first: Infinity, apply: Math.min },
  };

  for (const combine of Object.keys(combines) as Combine[]) {
    it(`carries the ${combine} from either end, with or without the element itself`, () => {
      const { first, apply } = combines[combine];
      fc.assert(
        fc.property(
          views,
          fc.constantFrom('float64', 'int32', 'int64'),
          fc.boolean(),
          fc.boolean(),
          seed,
          (view, type, exclusive, reverse, start) => {
            const x = wholeNumbers(view.outer * view.size * view.inner, start).map(
              (value) => (value % 3) + 0,
            );
            const least = { float64: Infinity, int32: 2 ** 31, int64: 2 ** 63 }[type];
            const bounded = (value: number) =>
              Number.isFinite(value)
                ? value
                : value < 0
                  ? -least
                  : type === 'int32'
                    ? least - 1
                    : least;
            const expected = alongAxis(view, x, (line) => {
              const walked = reverse ? [...line].reverse() : line;
              let carry = first;
              const values = walked.map((value) => {
                const before = carry;
                carry = apply(carry, value);
                return bounded(exclusive ? before : carry);
              });
              return reverse ? values.reverse() : values;
            });
            const [result] = runTemplate(
              { kind: 'cumulative', dtype: type, combine, view, exclusive, reverse },
              {
                inputs: [arrayOf(type, x)],
                outputs: [
                  arrayOf(
                    type,
                    x.map(() => 0),
                  ),
                ],
              },
            );
            expect(result?.map((value) => value + 0)).to.eql(expected.map((value) => value + 0));
          },
        ),
      );
    });
  }

  it('wraps a narrow integer as it is stored, and multiplies 32-bit integers exactly', () => {
    const line = { outer: 1, size: 3, inner: 1 };
    const base = { kind: 'cumulative', view: line, exclusive: false, reverse: false } as const;
    const bytes = [100, 100, 100];
    const words = [123456789, 987654321, 3];
    expect([
      runTemplate(
        { ...base, dtype: 'int8', combine: 'sum' },
        { inputs: [arrayOf('int8', bytes)], outputs: [new Int8Array(3)] },
      ),
      runTemplate(
        { ...base, dtype: 'int32', combine: 'prod' },
        { inputs: [arrayOf('int32', words)], outputs: [new Int32Array(3)] },
      ),
    ]).to.eql([
      [kept('int8', [100, 200, 300])],
      [
        [
          123456789,
          Number(BigInt.asIntN(32, 123456789n * 987654321n)),
          Number(BigInt.asIntN(32, 123456789n * 987654321n * 3n)),
        ],
      ],
    ]);
  });

  it('lets NaN through a maximum', () => {
    const view = { outer: 1, size: 3, inner: 1 };
    const template = {
      kind: 'cumulative',
      dtype: 'float32',
      combine: 'max',
      view,
      exclusive: false,
      reverse: false,
    } as const;
    expect(
      runTemplate(template, {
        inputs: [arrayOf('float32', [1, NaN, 2])],
        outputs: [new Float32Array(3)],
      }),
    ).to.eql([[1, NaN, NaN]]);
  });
});

describe('js templates: argReduce', () => {
  it('gives the first extreme element, and the first NaN before all', () => {
    fc.assert(
      fc.property(
        views.filter(({ size }) => size > 0),
        dtype,
        fc.constantFrom('max', 'min'),
        seed,
        (view, type, mode, start) => {
          const whole = wholeNumbers(view.outer * view.size * view.inner, start);
          const x = type.startsWith('float') && start % 2 ? withNaN(whole) : whole;
          const expected = alongAxis(view, x, (line) => {
            const nan = line.findIndex(Number.isNaN);
            return [
              nan >= 0 ? nan : line.indexOf(mode === 'max' ? Math.max(...line) : Math.min(...line)),
            ];
          });
          const [result] = runTemplate(
            { kind: 'argReduce', dtype: type, mode, view },
            { inputs: [arrayOf(type, x)], outputs: [new Int32Array(view.outer * view.inner)] },
          );
          expect(result).to.eql(expected);
        },
      ),
    );
  });
});
