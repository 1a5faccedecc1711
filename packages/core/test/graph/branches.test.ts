import {
  add,
  cast,
  cond,
  constant,
  greater,
  less,
  mul,
  placeholder,
  Session,
  sum,
  type Tensor,
  whileLoop,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';
import { notingOp } from '../noting-op.js';

const session = new Session({ seed: 9 });
const arrays = (tensors: readonly Tensor[]) =>
  session.runSync([...tensors]).map((value) => value.array());
const int = (value: number) => constant(value, { dtype: 'int32' });

describe('cond', () => {
  it('computes one branch only, in the nesting of its lists', () => {
    const seen: number[] = [];
    const note = notingOp(seen);
    const x = placeholder({ shape: [] });
    const [a, [b]] = cond(
      greater(x, 0),
      () => [note(mul(x, 2)), [1]],
      () => [note(x), [x]],
    );
    const found = [3, -3].map((value) =>
      session.runSync([a, b as Tensor], { feeds: [[x, value]] }).map((one) => one.array()),
    );
    expect([found, seen]).to.deep.equal([
      [
        [6, 1],
        [-3, -3],
      ],
      [6, -3],
    ]);
  });

  it('refuses branches that differ, and predicates that are no bool scalar', () => {
    const x = constant([1, 2]);
    const codes = [
      () =>
        cond(
          true,
          () => x,
          () => sum(x),
        ),
      () =>
        cond(
          true,
          () => x,
          () => cast(x, { dtype: 'int32' }),
        ),
      () =>
        cond(
          true,
          () => [x, x] as const,
          () => x,
        ),
      () =>
        cond(
          1,
          () => x,
          () => x,
        ),
      () =>
        cond(
          greater(x, 0),
          () => x,
          () => x,
        ),
      () =>
        cond(
          true,
          () => undefined as never,
          () => x,
        ),
    ].map(codeOf);
    expect(codes).to.deep.equal([
      'SHAPE_MISMATCH',
      'DTYPE_MISMATCH',
      'SHAPE_MISMATCH',
      'DTYPE_MISMATCH',
      'SHAPE_MISMATCH',
      'ATTRIBUTE_INVALID',
    ]);
  });

  it('finds shapes that differ only once they are fed', async () => {
    const [x, y] = [placeholder({ shape: [null] }), placeholder({ shape: [null] })];
    const either = cond(
      true,
      () => x,
      () => y,
    );
    expect(
      (
        await session.run(either, {
          feeds: [
            [x, [1]],
            [y, [2]],
          ],
        })
      ).array(),
    ).to.deep.equal([1]);
    expect(
      (
        await rejection(
          session.run(either, {
            feeds: [
              [x, [1]],
              [y, [1, 2]],
            ],
          }),
        )
      ).code,
    ).to.equal('SHAPE_MISMATCH');
  });
});

describe('whileLoop', () => {
  it('repeats while the condition holds, not at all if it does not', () => {
    const double = (from: number) =>
      whileLoop(
        (x) => less(x, 100),
        (x, n) => [mul(x, 2), add(n, 1)],
        [from, int(0)],
      );
    expect([arrays(double(3)), arrays(double(500))]).to.deep.equal([
      [192, 6],
      [500, 0],
    ]);
  });

  it('exchanges its state', () => {
    expect(
      arrays(
        whileLoop(
          (_, __, n) => less(n, 3),
          (a, b, n) => [b, a, add(n, 1)],
          [1, 2, 0],
        ),
      ),
    ).to.deep.equal([2, 1, 3]);
  });

  it('fails when it exceeds its turns, and refuses state that changes its kind', async () => {
    const endless = whileLoop(
      () => true,
      (x) => [x],
      [1],
      { maximumIterations: 10 },
    );
    const error = await rejection(session.run(endless));
    expect([error.code, error.message.includes('10 turns')]).to.deep.equal(['RUN_FAILED', true]);
    const codes = [
      () =>
        whileLoop(
          () => true,
          (x) => [cast(x, { dtype: 'int32' })],
          [1],
        ),
      () =>
        whileLoop(
          () => true,
          () => [constant([1, 2])],
          [1],
        ),
      () =>
        whileLoop(
          () => true,
          (x) => [x, x],
          [1],
        ),
      () =>
        whileLoop(
          () => 1,
          (x) => [x],
          [1],
        ),
    ].map(codeOf);
    expect(codes).to.deep.equal([
      'DTYPE_MISMATCH',
      'SHAPE_MISMATCH',
      'SHAPE_MISMATCH',
      'DTYPE_MISMATCH',
    ]);
  });
});
