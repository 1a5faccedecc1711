import { constant, mul, Session, variable } from '@tenon/core';
import { expect } from 'chai';

describe('a value that becomes part of a graph', () => {
  it('stays what it was when its array changes', () => {
    const session = new Session();
    const data = new Float32Array(100).fill(2);
    const graph = [constant(data), variable(data), mul(data, 1)];
    data.fill(7);
    const first = session.runSync(graph).map((value) => value.data[0]);
    expect(first).to.deep.equal([2, 2, 2]);
  });

  it('keeps its shape when the list of sizes changes', () => {
    const shape = [2, 1];
    const value = constant([1, 2], { shape });
    shape[0] = 7;
    expect(new Session().runSync(value).shape).to.deep.equal([2, 1]);
  });
});
