import { expect } from 'chai';
import fc from 'fast-check';
import type { DType } from '../../../../src/graph/dtype.js';
import type { ConvGeometry } from '../../../../src/lower/template.js';
import { arrayOf, dtype, kept, runTemplate, seed, wholeNumbers } from './arrays.js';
import { geometries, inputPositions, windowsOf } from './window-reference.js';

const convolutions: fc.Arbitrary<ConvGeometry> = fc
  .tuple(
    geometries,
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([geometry, groups, inGroup, outGroup]) => ({
    ...geometry,
    groups,
    inChannels: groups * inGroup,
    outChannels: groups * outGroup,
  }));

interface Case {
  readonly geometry: ConvGeometry;
  readonly type: DType;
  readonly x: number[];
  readonly filter: number[];
  readonly dy: number[];
}

function caseOf(geometry: ConvGeometry, type: DType, start: number): Case {
  const { inChannels, outChannels, groups, window } = geometry;
  const taps = window[0] * window[1] * window[2];
  return {
    geometry,
    type,
    x: wholeNumbers(inputPositions(geometry) * inChannels, start),
    filter: wholeNumbers((taps * inChannels * outChannels) / groups, start + 1),
    dy: wholeNumbers(windowsOf(geometry).length * outChannels, start + 2),
  };
}

/** Every product of the definition: y[y] += x[x] filter[f]. */
function products({ geometry }: Case, visit: (x: number, filter: number, y: number) => void): void {
  const { inChannels, outChannels, groups } = geometry;
  const [inGroup, outGroup] = [inChannels / groups, outChannels / groups];
  windowsOf(geometry).forEach((positions, row) => {
    positions.forEach((position, tap) => {
      if (position === undefined) return;
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < inGroup; c++) {
          const channel = Math.floor(o / outGroup) * inGroup + c;
          visit(
            position * inChannels + channel,
            (tap * inGroup + c) * outChannels + o,
            row * outChannels + o,
          );
        }
      }
    });
  });
}

const sums = (length: number): number[] => new Array<number>(length).fill(0);

function add(to: number[], at: number, value: number): void {
  to[at] = (to[at] as number) + value;
}

function run(
  kind: 'conv' | 'convInputGradient' | 'convFilterGradient',
  { geometry, type, x, filter, dy }: Case,
): number[] {
  const [from, to] = {
    conv: [[x, filter], dy],
    convInputGradient: [[dy, filter], x],
    convFilterGradient: [[x, dy], filter],
  }[kind] as [number[][], number[]];
  const [result] = runTemplate(
    { kind, dtype: type, geometry },
    { inputs: from.map((values) => arrayOf(type, values)), outputs: [arrayOf(type, to)] },
  );
  return result as number[];
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

/** More than one chunk of windows, more than one block of depth, in each kind of kernel. */
const large = (
  groups: number,
  window: [number, number, number],
  channels: number,
): ConvGeometry => ({
  batch: 2,
  inSize: [1, 40, 41],
  outSize: [1, 40, 41],
  window,
  strides: [1, 1, 1],
  dilations: [1, 1, 1],
  padBefore: [0, window[1] >> 1, window[2] >> 1],
  inChannels: channels,
  outChannels: 12,
  groups,
});

describe('js templates: convolution', () => {
  const check = (given: Case): void => {
    const y = sums(given.dy.length);
    const dx = sums(given.x.length);
    const dFilter = sums(given.filter.length);
    products(given, (i, f, o) => {
      add(y, o, (given.x[i] as number) * (given.filter[f] as number));
      add(dx, i, (given.dy[o] as number) * (given.filter[f] as number));
      add(dFilter, f, (given.dy[o] as number) * (given.x[i] as number));
    });
    expect(run('conv', given)).to.eql(kept(given.type, y));
    expect(run('convInputGradient', given)).to.eql(kept(given.type, dx));
    expect(run('convFilterGradient', given)).to.eql(kept(given.type, dFilter));
  };

  it('and its gradients are their definitions, for strides, dilation, padding and groups', () => {
    fc.assert(
      fc.property(convolutions, dtype, seed, (geometry, type, start) =>
        check(caseOf(geometry, type, start)),
      ),
    );
  });

  for (const [name, geometry] of [
    ['a 3x3 filter', large(1, [1, 3, 3], 32)],
    ['a 1x1 filter', large(1, [1, 1, 1], 24)],
    ['groups', large(4, [1, 3, 3], 24)],
    ['a depthwise filter', large(12, [1, 3, 3], 12)],
  ] as const) {
    it(`joins chunks of windows with ${name}`, () => check(caseOf(geometry, 'float64', 11)));
  }

  it('has gradients that are its adjoints: <conv(x), dy> = <x, dx> = <filter, dFilter>', () => {
    fc.assert(
      fc.property(convolutions, seed, (geometry, start) => {
        const given = caseOf(geometry, 'float64', start);
        const product = dot(run('conv', given), given.dy);
        expect(dot(given.x, run('convInputGradient', given))).to.equal(product);
        expect(dot(given.filter, run('convFilterGradient', given))).to.equal(product);
      }),
    );
  });
});
