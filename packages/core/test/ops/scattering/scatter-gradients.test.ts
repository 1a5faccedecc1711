import { expect } from 'chai';
import { constant, gradients, Session, scatterRows, type Tensor } from '../../../src/index.js';

/** Gradients of the base [3] and the updates [4] at rows 0, 0, 2, 2, for gradients 1, 10, 100 of the result. */
function scatterGradients(
  mode: 'add' | 'set' | 'max' | 'min' | 'prod',
  base: number[],
  updates: number[],
) {
  const [b, u] = [constant(base), constant(updates)];
  const y = scatterRows(b, [0, 0, 2, 2], u, { mode });
  const [db, du] = gradients(y, [b, u], { gradYs: [[1, 10, 100]] });
  return new Session().runSync([db as Tensor, du as Tensor]).map((value) => value.array());
}

describe('gradients of rows that are updated twice', () => {
  it('set: the last update takes all, the row before it nothing', () => {
    expect(scatterGradients('set', [1, 2, 3], [4, 5, 6, 7])).to.deep.equal([
      [0, 10, 0],
      [0, 1, 0, 100],
    ]);
  });

  it('max: those that tie share evenly', () => {
    expect(scatterGradients('max', [5, 2, 3], [4, 5, 6, 7])).to.deep.equal([
      [0.5, 10, 0],
      [0, 0.5, 0, 100],
    ]);
  });

  it('min: those that tie share evenly', () => {
    expect(scatterGradients('min', [5, 2, 3], [5, 5, 3, 3])[0]?.toString()).to.match(
      /^0\.333.*,10,33\.333/,
    );
  });

  it('prod: the product of the others, with one and with two zeros', () => {
    expect(scatterGradients('prod', [2, 2, 0], [0, 3, 0, 7])).to.deep.equal([
      [0, 10, 0],
      [6, 0, 0, 0],
    ]);
  });
});
