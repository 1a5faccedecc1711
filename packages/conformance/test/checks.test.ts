import {
  add,
  cast,
  defineOp,
  exp,
  js,
  mul,
  neg,
  placeholder,
  reshape,
  type Tensor,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { checkExact } from '../src/checks/exact.js';
import { checkGradients, gradientSkipped } from '../src/checks/gradients.js';
import { checkPasses } from '../src/checks/passes.js';
import { checkRejects } from '../src/checks/rejects.js';
import { checkUnknownShapes } from '../src/checks/unknown-shapes.js';
import { checkValues } from '../src/checks/values.js';
import type { OpCase } from '../src/op-case.js';
import { Subject } from '../src/subject.js';

const right: OpCase = {
  name: 'exp',
  op: (x) => exp(x),
  reference: (x: tf.Tensor) => tf.exp(x),
  shapes: [[[]], [[2, 3]]],
};

/** What a check says of a row that differs from a right one; undefined when it finds nothing. */
async function complaint(
  check: (subject: Subject) => Promise<void>,
  changes: Partial<OpCase>,
): Promise<string | undefined> {
  const subject = new Subject({ ...right, ...changes }, () => js());
  try {
    await check(subject);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    subject.close();
  }
}

// The gradient is too large by a hundredth.
const wronglyDifferentiated = defineOp({
  name: 'wronglyDifferentiated',
  inputs: ['x'],
  infer: ({ x }) => x,
  grad: ({ x, dy }) => ({ x: mul(mul(dy, 1.01), exp(x)) }),
  expand: ({ x }) => exp(x),
});

// exp, whose gradient can not be differentiated once more.
const wrongInSecondOrder = defineOp({
  name: 'wrongInSecondOrder',
  inputs: ['x'],
  infer: ({ x }) => x,
  grad: ({ x, dy }) => ({ x: mul(dy, wronglyDifferentiated(x)) }),
  expand: ({ x }) => exp(x),
});

const wronglySimplified = defineOp({
  name: 'wronglySimplified',
  inputs: ['x'],
  infer: ({ x }) => x,
  grad: ({ dy }) => ({ x: dy }),
  lower: () => ({ kind: 'alias', input: 0 }),
  simplify: ({ x }) => neg(x),
});

describe('checks of the op table', () => {
  it('find nothing wrong with a right row', async () => {
    const checks = [
      checkValues,
      checkGradients,
      checkUnknownShapes,
      checkPasses,
      checkExact,
      checkRejects,
    ];
    const found = await Promise.all(checks.map((check) => complaint(check, {})));
    expect(found.filter((message) => message !== undefined)).to.deep.equal([]);
  });

  it('find wrong values, and say where and by which seed', async () => {
    const message = await complaint(checkValues, {
      op: (x) => mul(exp(x), 1.0001),
      shapes: [[[3]]],
    });
    expect(message).to.match(
      /^float32 \[3\] \(TENON_SEED=1\): element 0 of float32\[3\] is .*, expected /,
    );
  });

  it('find a wrong shape', async () => {
    expect(
      await complaint(checkValues, { op: (x) => reshape(exp(x), { shape: [1] }), shapes: [[[]]] }),
    ).to.include('the shape is [1], expected []');
  });

  it('find values that are wrong in one dtype only', async () => {
    const op = (x: Tensor) => (x.dtype === 'bfloat16' ? add(exp(x), 1) : exp(x));
    expect(await complaint(checkValues, { op })).to.match(/^bfloat16 /);
  });

  it('find a wrong gradient', async () => {
    expect(await complaint(checkGradients, { op: (x) => wronglyDifferentiated(x) })).to.match(
      /^gradient, .*by differences/,
    );
  });

  it('find a gradient that is wrong only when differentiated again', async () => {
    expect(await complaint(checkGradients, { op: (x) => wrongInSecondOrder(x) })).to.match(
      /^gradient of the gradient, .*by differences/,
    );
  });

  it('find a pass that changes values', async () => {
    expect(await complaint(checkPasses, { op: (x) => wronglySimplified(x) })).to.match(/^passes, /);
  });

  it('find an op that behaves differently while sizes are unknown', async () => {
    const op = (x: Tensor) => (x.shape.includes(null) ? neg(x) : x);
    expect(await complaint(checkUnknownShapes, { op })).to.match(/^all sizes unknown, \[2,3\]/);
  });

  it('find the wrong sign of a zero', async () => {
    expect(
      await complaint(checkExact, {
        op: (x) => neg(x),
        exact: [{ why: 'zero', in: [[0]], out: [0] }],
      }),
    ).to.include('is -0, expected 0');
  });

  it('find a refusal that is missing, or has another code', async () => {
    const rejects = (build: () => unknown): OpCase['rejects'] => [
      { why: 'unequal', build, code: 'DTYPE_MISMATCH' },
    ];
    const unequal = () => add(placeholder({ shape: [2] }), placeholder({ shape: [3] }));
    const found = await Promise.all(
      [() => exp(1), unequal].map((build) => complaint(checkRejects, { rejects: rejects(build) })),
    );
    expect(found).to.satisfy(
      ([missing, other]: string[]) =>
        missing?.includes('nothing was thrown') && other?.includes('SHAPE_MISMATCH'),
    );
  });

  it('skip gradients where nothing is a float, and say so', () => {
    const reasons = [
      right,
      { ...right, dtypes: ['int32' as const] },
      { ...right, op: (x: Tensor) => cast(x, { dtype: 'int32' }) },
    ].map(gradientSkipped);
    expect(reasons).to.deep.equal([null, 'no float input', 'no float output']);
  });
});
