import {
  constant,
  gradients,
  logSoftmax,
  Session,
  sigmoid,
  softmax,
  type Tensor,
} from '@tenon/core';
import { expect } from 'chai';
import { losses, metrics } from '../../src/index.js';

const session = new Session();
const computed = (tensor: Tensor) => session.runSync(tensor).array() as number[];
const close = (found: readonly number[], expected: readonly number[]) =>
  found.forEach((value, i) => void expect(value).to.be.closeTo(expected[i] as number, 1e-5));

describe('losses', () => {
  it('are means over the last axis for regression', () => {
    const [y, p] = [
      constant([
        [1, 2],
        [3, 5],
      ]),
      constant([
        [1, 4],
        [0, 5],
      ]),
    ];
    expect(computed(new losses.MeanSquaredError().call(y, p))).to.deep.equal([2, 4.5]);
    expect(computed(new losses.MeanAbsoluteError().call(y, p))).to.deep.equal([1, 1.5]);
  });

  it('agree with their formulas for crossentropies', () => {
    const [target, p] = [
      constant([
        [0, 1],
        [1, 0],
      ]),
      constant([
        [0.25, 0.75],
        [0.5, 0.5],
      ]),
    ];
    const expected = [-Math.log(0.75), -Math.log(0.5)];
    close(computed(new losses.CategoricalCrossentropy().call(target, p)), expected);
    close(
      computed(
        new losses.SparseCategoricalCrossentropy().call(constant([1, 0], { dtype: 'int32' }), p),
      ),
      expected,
    );
    const binary = [-(Math.log(0.75) + Math.log(0.75)) / 2, -Math.log(0.5)];
    close(computed(new losses.BinaryCrossentropy().call(target, p)), binary);
  });

  it('give the same from logits as from probabilities', () => {
    const logits = constant([
      [0.3, -1.2, 2],
      [4, 0, -4],
    ]);
    const target = constant([
      [0, 1, 0],
      [0.5, 0, 0.5],
    ]);
    const fromLogits = new losses.CategoricalCrossentropy({ fromLogits: true }).call(
      target,
      logits,
    );
    close(
      computed(fromLogits),
      computed(new losses.CategoricalCrossentropy().call(target, softmax(logits))),
    );
    const p = softmax(logits, { axis: -1 });
    expect(computed(new losses.CategoricalCrossentropy().call(target, p))).to.deep.equal(
      computed(fromLogits),
    );
  });

  it('stay finite, with a finite gradient, where probabilities round to 0 and 1', () => {
    const logits = constant([[200, -200]]);
    const labels = constant([1], { dtype: 'int32' });
    const sparse = new losses.SparseCategoricalCrossentropy().call(labels, softmax(logits));
    const [dLogits] = gradients(sparse, [logits]);
    expect(computed(sparse)).to.deep.equal([400]);
    expect(computed(dLogits as Tensor)).to.deep.equal([[1, -1]]);
    const binary = new losses.BinaryCrossentropy().call(
      constant([[1]]),
      sigmoid(constant([[-300]])),
    );
    expect(computed(binary)).to.deep.equal([300]);
    const certain = new losses.CategoricalCrossentropy().call(
      constant([[0, 1]]),
      constant([[1, 0]]),
    );
    expect(computed(certain)[0]).to.be.closeTo(-Math.log(1e-7), 1e-3);
  });

  it('do not take logits for probabilities: another activation is left as it is', () => {
    const logits = constant([[1, 2]]);
    const p = logSoftmax(logits);
    const loss = new losses.MeanSquaredError().call(p, p);
    expect(computed(loss)).to.deep.equal([0]);
  });

  it('take one number for each example as a column, and refuse what broadcasting would hide', () => {
    const p = constant([[0.5], [0.25]]);
    const found = [new losses.MeanSquaredError(), new losses.BinaryCrossentropy()].map(
      (loss) => computed(loss.call(constant([1, 0]), p)).length,
    );
    expect(found).to.deep.equal([2, 2]);
    expect(computed(metrics.meanAbsoluteError(constant([1, 0]), p))).to.deep.equal([0.5, 0.25]);
    expect(() =>
      new losses.MeanSquaredError().call(
        constant([
          [1, 2],
          [3, 4],
        ]),
        p,
      ),
    ).to.throw(/SHAPE_MISMATCH/);
  });

  it('name the loss to use for class numbers', () => {
    const act = () =>
      new losses.CategoricalCrossentropy().call(constant([1]), constant([[0.5, 0.5]]));
    expect(act).to.throw(/sparseCategoricalCrossentropy.*\n\(SHAPE_MISMATCH\)/);
  });
});

describe('accuracies', () => {
  it('count what is right', () => {
    const p = constant([
      [0.1, 0.9],
      [0.8, 0.2],
      [0.4, 0.6],
    ]);
    const oneHot = constant([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    const labels = constant([1, 1, 1], { dtype: 'int32' });
    expect(computed(metrics.categoricalAccuracy(oneHot, p))).to.deep.equal([true, false, true]);
    expect(computed(metrics.sparseCategoricalAccuracy(labels, p))).to.deep.equal([
      true,
      false,
      true,
    ]);
    expect(computed(metrics.binaryAccuracy(oneHot, p))).to.deep.equal([1, 0, 1]);
  });
});
