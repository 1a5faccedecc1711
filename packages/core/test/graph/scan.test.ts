import {
  add,
  assign,
  constant,
  controlDependencies,
  mul,
  placeholder,
  Session,
  scan,
  type Tensor,
  variable,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';
import { notingOp } from '../noting-op.js';

const session = new Session({ seed: 9 });
const arrays = (tensors: readonly Tensor[]) =>
  session.runSync([...tensors]).map((value) => value.array());
const int = (value: number) => constant(value, { dtype: 'int32' });

describe('scan', () => {
  const running = (options: { reverse?: boolean; length?: number }, rows: Tensor) =>
    scan(
      ([total], [row]) => ({
        carry: [add(total as Tensor, row as Tensor)],
        outputs: [total as Tensor],
      }),
      { initial: [10], sequences: [rows], ...options },
    );

  it('walks rows forwards or backwards and stacks outputs in the order of the rows', () => {
    const rows = constant([1, 2, 3]);
    const [ahead, back] = [running({}, rows), running({ reverse: true }, rows)];
    expect(arrays([...ahead.carry, ...ahead.outputs])).to.deep.equal([16, [10, 11, 13]]);
    expect(arrays([...back.carry, ...back.outputs])).to.deep.equal([16, [15, 13, 10]]);
  });

  it('takes its length from rows that are only known when fed, be it 0', () => {
    const rows = placeholder({ shape: [null] });
    const { carry, outputs } = running({}, rows);
    const run = (values: number[]) =>
      session
        .runSync([...carry, ...outputs], { feeds: [[rows, values]] })
        .map((value) => value.array());
    expect([run([5]), run([])]).to.deep.equal([
      [15, [10]],
      [10, []],
    ]);
  });

  it('refuses rows of different lengths, scalars, no length, and state that changes', async () => {
    const rows = constant([1, 2, 3]);
    const body = ([h]: readonly Tensor[]) => ({ carry: [h as Tensor] });
    const codes = [
      () => running({ length: 2 }, rows),
      () => scan(body, { initial: [1], sequences: [rows, constant([1])] }),
      () => scan(body, { initial: [1], sequences: [constant(1)] }),
      () => scan(body, { initial: [1] }),
      () => scan(() => ({ carry: [] }), { initial: [1], length: 1 }),
      () => scan(() => ({ carry: [rows] }), { initial: [1], length: 1 }),
      () => scan(() => ({ carry: [int(1)] }), { initial: [1], length: 1 }),
    ].map(codeOf);
    expect(codes).to.deep.equal([
      'SHAPE_MISMATCH',
      'SHAPE_MISMATCH',
      'SHAPE_MISMATCH',
      'ATTRIBUTE_INVALID',
      'SHAPE_MISMATCH',
      'SHAPE_MISMATCH',
      'DTYPE_MISMATCH',
    ]);
    const [a, b] = [placeholder({ shape: [null] }), placeholder({ shape: [null] })];
    const both = scan(body, { initial: [1], sequences: [a, b] });
    expect(
      (
        await rejection(
          session.run(both.carry, {
            feeds: [
              [a, [1]],
              [b, [1, 2]],
            ],
          }),
        )
      ).code,
    ).to.equal('SHAPE_MISMATCH');
  });

  it('reads variables in its body, and refuses to set them there', () => {
    const v = variable(2, { name: 'v' });
    const { carry } = scan(([h]) => ({ carry: [mul(h as Tensor, v)] }), {
      initial: [1],
      length: 3,
    });
    expect(arrays(carry)).to.deep.equal([8]);
    expect(
      codeOf(() =>
        scan(([h]) => ({ carry: [assign(v, h as Tensor)] }), { initial: [1], length: 1 }),
      ),
    ).to.equal('GRAPH_INVALID');
  });

  it('runs after what its body was told to come after', () => {
    const seen: number[] = [];
    const note = notingOp(seen);
    const first = note(1);
    const { carry } = scan(
      ([h]) => ({ carry: [controlDependencies([first], () => note(add(h as Tensor, 1)))] }),
      { initial: [1], length: 2 },
    );
    arrays(carry);
    expect(seen).to.deep.equal([1, 2, 3]);
  });

  it('refuses a tensor of a body that has ended', () => {
    let inside: Tensor | undefined;
    scan(
      ([h]) => {
        inside = h;
        return { carry: [h as Tensor] };
      },
      { initial: [1], length: 1 },
    );
    expect(
      codeOf(() =>
        session.runSync(
          scan(() => ({ carry: [add(inside as Tensor, 1)] }), { initial: [1], length: 1 }).carry,
        ),
      ),
    ).to.equal('GRAPH_INVALID');
    const nested = () =>
      scan(
        ([h]) => {
          scan(
            ([g]) => {
              inside = mul(g as Tensor, 2);
              return { carry: [inside] };
            },
            { initial: [h as Tensor], length: 1 },
          );
          return { carry: [inside as Tensor] };
        },
        { initial: [1], length: 1 },
      );
    expect(codeOf(nested)).to.equal('GRAPH_INVALID');
  });
});
