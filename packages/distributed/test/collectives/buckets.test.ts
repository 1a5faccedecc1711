import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import { inBuckets } from '../../src/collectives/index.js';

describe('buckets', () => {
  const values = [
    { dtype: 'float32', size: 10 },
    { dtype: 'bfloat16', size: 10 },
    { dtype: 'float32', size: 100 },
    { dtype: 'float32', size: 0 },
    { dtype: 'float64', size: 2 },
    { dtype: 'float64', size: 2 },
    { dtype: 'float32', size: 1 },
  ] as const;

  it('hold neighbours of one kind up to their bytes, and a larger value by itself', () => {
    expect(inBuckets(values, 80)).to.deep.equal([[0, 1], [2], [3], [4, 5], [6]]);
    expect(inBuckets(values, 40)).to.deep.equal([[0], [1], [2], [3], [4, 5], [6]]);
    expect(inBuckets(values, Number.POSITIVE_INFINITY)).to.deep.equal([[0, 1, 2, 3], [4, 5], [6]]);
    expect(inBuckets([], 40)).to.deep.equal([]);
  });

  it('refuse what is not added up', () => {
    expect(() => inBuckets([{ dtype: 'bool', size: 1 }], 40))
      .to.throw(GraphError, 'bool')
      .with.property('code', 'DTYPE_MISMATCH');
  });
});
