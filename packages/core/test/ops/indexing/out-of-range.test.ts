import { expect } from 'chai';
import {
  bincount,
  type GraphError,
  gather,
  gatherND,
  invertPermutation,
  placeholder,
  Session,
  scatterAdd,
  scatterND,
  type Tensor,
  takeAlongAxis,
  tensorScatterUpdate,
  unsortedSegmentSum,
} from '../../../src/index.js';

const matrix = [
  [1, 2, 3],
  [4, 5, 6],
];

/** An application, and indices that it must refuse in the run. */
const cases: readonly [string, (indices: Tensor) => Tensor, number[][] | number[]][] = [
  ['gather', (i) => gather(matrix, i), [0, 2]],
  ['gather, negative', (i) => gather(matrix, i), [0, -1]],
  ['gather of a batch', (i) => gather(matrix, i, { axis: 1, batchDims: 1 }), [[3], [0]]],
  ['gatherND', (i) => gatherND(matrix, i), [[0, 3]]],
  ['gatherND, negative', (i) => gatherND(matrix, i), [[1, -1]]],
  ['takeAlongAxis', (i) => takeAlongAxis(matrix, i), [[0], [3]]],
  ['scatterAdd', (i) => scatterAdd([1, 2], i, [3]), [2]],
  ['scatterND', (i) => scatterND(i, [3], { shape: [2, 2] }), [[0, 2]]],
  ['tensorScatterUpdate', (i) => tensorScatterUpdate(matrix, i, [[7, 8, 9]]), [[2]]],
  ['invertPermutation', (p) => invertPermutation(p), [0, 2]],
  ['unsortedSegmentSum', (i) => unsortedSegmentSum([1, 2], i, { numSegments: 2 }), [0, 2]],
  ['bincount', (x) => bincount(x, [], { size: 2 }), [0, -1]],
];

const shapeOf = (value: number[] | number[][]): number[] =>
  Array.isArray(value[0]) ? [value.length, value[0].length] : [value.length];

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
}

/** What the error of each application above tells of the wrong index. */
const told: Readonly<Record<string, string>> = {
  gather: 'index 2 at position 1 is outside 0..1',
  'gather, negative': 'index -1 at position 1 is outside 0..1',
  'gather of a batch': 'index 3 at [0, 0] is outside 0..2',
  gatherND: 'index 3 at [0, 1] is outside 0..2 of axis 1',
  'gatherND, negative': 'index -1 at [0, 1] is outside 0..2 of axis 1',
  takeAlongAxis: 'index 3 at [1, 0] is outside 0..2',
  scatterAdd: 'index 2 at position 0 is outside 0..1',
  scatterND: 'index 2 at [0, 1] is outside 0..1 of axis 1',
  tensorScatterUpdate: 'index 2 at [0, 0] is outside 0..1 of axis 0',
  invertPermutation: 'index 2 at position 1 is outside 0..1',
  unsortedSegmentSum: 'index 2 at [1] is outside 0..1',
  bincount: 'index -1 at [1] is outside 0..1',
};

describe('an index out of range', () => {
  for (const [name, apply, indices] of cases) {
    it(`${name}: the error names the index, its place and what is valid`, () => {
      const run = () => new Session().runSync(apply(indices as unknown as Tensor));
      expect(run).to.throw(told[name] as string);
    });

    it(`${name}: fails the run, fed or constant, and leaves the session usable`, () => {
      const session = new Session();
      const fed = placeholder({ shape: shapeOf(indices), dtype: 'int32' });
      const runFed = () => session.runSync(apply(fed), { feeds: [[fed, indices]] });
      const constant = () => session.runSync(apply(indices as unknown as Tensor));
      expect([codeOf(runFed), codeOf(constant)]).to.deep.equal([
        'INDEX_OUT_OF_RANGE',
        'INDEX_OUT_OF_RANGE',
      ]);
      expect(session.runSync(gather(matrix, [1])).array()).to.deep.equal([[4, 5, 6]]);
    });
  }
});
