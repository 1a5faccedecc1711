import {
  add,
  assign,
  assignAdd,
  controlDependencies,
  defineOp,
  group,
  type HostTensor,
  read,
  Session,
  scan,
  type Tensor,
  variable,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf } from '../graph-error.js';

const values = (results: readonly HostTensor[]) => results.map((result) => result.item());

describe('state within a run', () => {
  it('keeps the effects that a read waits for besides updates', () => {
    const seen: number[] = [];
    const note = defineOp({
      name: 'note',
      inputs: ['x'],
      role: 'host',
      infer: ({ x }) => x,
      grad: null,
      run({ x }) {
        seen.push(x.item());
        return x;
      },
    });
    const v = variable(1);
    const after = controlDependencies([assign(v, 5), note(3)], () => read(v));
    expect([new Session().runSync(after).item(), seen]).to.deep.equal([5, [3]]);
  });

  it('orders a long chain of updates in time that grows with its length', () => {
    const v = variable(0);
    let last = assign(v, 0);
    for (let i = 0; i < 1500; i++) {
      const before = last;
      last = controlDependencies([before], () => assignAdd(v, 1));
    }
    const start = performance.now();
    expect(new Session().runSync(last).item()).to.equal(1500);
    expect(performance.now() - start).to.be.below(10_000);
  });

  it('lets an update follow two that have no order between them', async () => {
    const v = variable(0);
    const open = [assign(v, 1), assign(v, 2)];
    const closed = controlDependencies(open, () => assign(v, 3));
    const session = new Session();
    const after = controlDependencies([open[0] as never, closed], () => read(v));
    expect(values(session.runSync([closed, after, v]))).to.deep.equal([3, 3, 0]);
    expect((await session.read(v)).item()).to.equal(3);
  });

  it('refuses what depends on an order that is open', () => {
    const v = variable(0);
    const open = [assign(v, 1), assign(v, 2)];
    const readOfBoth = controlDependencies(open, () => read(v));
    const third = controlDependencies([open[0] as never], () => assign(v, 3));
    const codes = [group(open), readOfBoth, group([third, open[1] as never])].map((fetch) =>
      codeOf(() => new Session().runSync(fetch)),
    );
    expect(codes).to.deep.equal(['UPDATE_CONFLICT', 'UPDATE_CONFLICT', 'UPDATE_CONFLICT']);
  });

  it('reads inside a body what the loop comes after', () => {
    const v = variable(1);
    const turns = (build: () => Tensor) =>
      scan(([sum]) => ({ carry: [add(sum as Tensor, build())] }), { initial: [0], length: 2 })
        .carry[0] as Tensor;
    const update = assign(v, 5);
    const after = controlDependencies([update], () => turns(() => read(v)));
    const nested = controlDependencies([update], () => turns(() => turns(() => read(v))));
    const within = turns(() => controlDependencies([update], () => read(v)));
    const before = turns(() => read(v));
    expect(values(new Session().runSync([after, nested, within, before]))).to.deep.equal([
      10, 20, 10, 2,
    ]);
  });
});
