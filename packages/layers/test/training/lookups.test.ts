import { add, gather, matMul, placeholder, sum, transpose, variable } from '@tenon/core';
import { expect } from 'chai';
import { lookupsOf } from '../../src/training/steps/lookups.js';

const ids = placeholder({ dtype: 'int32', shape: [null], name: 'ids' });
const table = variable(new Float32Array(12), { shape: [4, 3], name: 'table' });
const other = variable(new Int32Array(4), { shape: [4], name: 'order' });

describe('lookups', () => {
  it('finds all readings of a table', () => {
    const lookups = [gather(table, ids), gather(table, add(ids, 1))];
    const found = lookupsOf([add(sum(lookups[0] as never), sum(lookups[1] as never))], [table]);
    expect(found.get(table)?.map(({ rows }) => rows)).to.have.members(lookups);
  });

  const dense = {
    'is a product too': () => sum(matMul(gather(table, ids), transpose(table))),
    'is a root too': () => add(gather(table, ids), 0),
    'goes along another axis': () => sum(gather(table, ids, { axis: 1 })),
    'takes its indices from a variable': () => sum(gather(table, gather(other, ids))),
  };
  for (const [what, root] of Object.entries(dense)) {
    it(`a weight is no table where its reading ${what}`, () => {
      const roots = what === 'is a root too' ? [root(), table] : [root()];
      expect(lookupsOf(roots, [table]).size).to.equal(0);
    });
  }
});
