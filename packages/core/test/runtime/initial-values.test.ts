import {
  adam,
  add,
  broadcastLike,
  type Device,
  defineOp,
  type GraphError,
  js,
  type KnownSpec,
  mul,
  placeholder,
  randomNormal,
  Session,
  square,
  sum,
  type Variable,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';

/** A device that notes the sizes of variables that are laid in a row. */
function noting() {
  const rows: number[][] = [];
  const device: Device = Object.assign(Object.create(js()), {
    name: 'js:0',
    allocateRow(specs: readonly KnownSpec[]) {
      rows.push(specs.map(({ shape }) => shape[0] ?? 1));
      return specs.map((spec) => device.allocate(spec));
    },
  });
  return { device, rows };
}

describe('initial values', () => {
  it('lie in one row: what is trained, then one slot of all of it after the other', async () => {
    const { device, rows } = noting();
    const session = new Session({ devices: [device] });
    const moving = variable(new Float32Array(5), { trainable: false });
    const [a, b, c] = [2, 3, 4].map((size) => variable(new Float32Array(size))) as [
      Variable,
      Variable,
      Variable,
    ];
    const loss = [c, a, b, moving].map((v) => sum(square(v))).reduce((x, y) => add(x, y));
    await session.run(adam().minimize(loss, [a, b, c]));
    // The learning rate and the number of steps were made before the slots.
    expect(rows).to.deep.equal([[2, 3, 4, 5, 1, 1, 2, 3, 4, 2, 3, 4]]);
  });

  it('are computed where they lie, after those that they need, once', async () => {
    let calls = 0;
    const counted = defineOp({
      name: 'counted',
      inputs: ['x'],
      role: 'host',
      infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
      grad: null,
      run({ x }) {
        calls++;
        return x;
      },
    });
    const session = new Session();
    const first = variable(counted([1, 2]));
    const second = variable(mul(first, 10));
    const third = variable(add(second, first));
    const values = session.runSync([third, second, first]);
    expect([values.map((value) => value.array()), calls]).to.deep.equal([
      [
        [11, 22],
        [10, 20],
        [1, 2],
      ],
      1,
    ]);
  });

  it('do not depend on what else is initialised', async () => {
    const made = randomNormal({ shape: [4], seed: 3 });
    const [alone, together] = [new Session({ seed: 9 }), new Session({ seed: 9 })];
    const [w, other] = [variable(made), variable(randomNormal({ shape: [2], seed: 4 }))];
    await together.initialize([other, w]);
    expect((await alone.read(w)).array()).to.deep.equal((await together.read(w)).array());
  });

  it('leave no variable without one when computing them fails', async () => {
    let fails = true;
    const shaky = defineOp({
      name: 'shaky',
      inputs: ['x'],
      role: 'host',
      infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
      grad: null,
      run({ x }) {
        if (fails) throw new Error('not yet');
        return x;
      },
    });
    const session = new Session();
    const [v, w] = [variable(shaky(7)), variable(3)];
    const codes = [
      codeOf(() => session.runSync([v, w])),
      ((await rejection(session.initialize([v, w]))) as GraphError).code,
    ];
    fails = false;
    expect([codes, session.runSync([v, w]).map((value) => value.item())]).to.deep.equal([
      ['RUN_FAILED', 'RUN_FAILED'],
      [7, 3],
    ]);
  });

  it('are set on the device of their variable', async () => {
    const session = new Session({ devices: [js(), js({ index: 1 })] });
    const x = placeholder({ shape: [] });
    const [here, there] = [variable(2), withDevice('js:1', () => variable(mul(3, 2)))];
    const y = add(mul(x, here), there);
    expect((await session.run(y, { feeds: [[x, 5]] })).item()).to.equal(16);
  });

  it('are not needed of a variable that lends its shape only', async () => {
    const { device, rows } = noting();
    const session = new Session({ devices: [device] });
    const w = variable(new Float32Array(3));
    const slot = variable(broadcastLike(1, w), { trainable: false });
    expect((await session.read(slot)).array()).to.deep.equal([1, 1, 1]);
    expect(rows).to.deep.equal([[3]]);
  });
});
