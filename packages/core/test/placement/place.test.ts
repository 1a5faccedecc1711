import {
  adam,
  add,
  assign,
  constant,
  type Device,
  js,
  matMul,
  mul,
  placeholder,
  Session,
  square,
  sum,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { matchesHint, parseDeviceName } from '../../src/placement/device-name.js';
import { planRun } from '../../src/runtime/compile.js';
import { State } from '../../src/runtime/state.js';
import { codeOf, rejection } from '../graph-error.js';

const tasks = [
  ['worker', 0],
  ['ps', 0],
  ['ps', 1],
].map(([job, task]) => {
  const name = `/job:${job}/replica:0/task:${task}/device:js:0`;
  return Object.assign(Object.create(js()), { name }) as Device;
});

describe('placement', () => {
  it('puts updates and their work where the variable lives, and what nothing constrains on the first device', () => {
    const session = new Session({ devices: [js({ index: 0 }), js({ index: 1 })] });
    const v = withDevice('js:1', () => variable(1));
    const x = placeholder({ shape: [2] });
    const fetches = [assign(v, add(v, 1)), mul(x, 2)];
    const text = session.explain(fetches, { feeds: [[x, [1, 2]]] }).toString();
    expect(text)
      .to.match(/= assign.*on js:1/)
      .and.to.match(/= add.*on js:1/)
      .and.to.match(/= mul.*on js:0/);
  });

  it('initialises variables on several devices at once, in a synchronous run too', () => {
    const session = new Session({ devices: [js({ index: 0 }), js({ index: 1 })] });
    const [a, b] = ['js:0', 'js:1'].map((name, i) => withDevice(name, () => variable(i + 1))) as [
      never,
      never,
    ];
    expect(
      session.runSync([a, b]).map((value: { array(): unknown }) => value.array()),
    ).to.deep.equal([1, 2]);
  });

  it('spreads variables of a job, each with its slots and the work of its updates', () => {
    const x = placeholder({ shape: [4, 64] });
    const own = withDevice('/job:ps', () =>
      ['a', 'b', 'c'].map((name, i) =>
        variable(new Float32Array(64), { shape: [64, 1], name: `${name}${i}` }),
      ),
    );
    const loss = sum(own.map((w) => sum(square(matMul(x, w)))).reduce((a, b) => add(a, b)));
    const step = adam().minimize(loss, own);
    const { nodes, placement, parts } = planRun({
      fetches: [loss, step],
      feeds: new Map([[x, [4, 64]]]),
      devices: tasks,
      state: new State(tasks),
      optimise: true,
    });
    const at = (name: string) =>
      placement.get(nodes.find(({ attrs }) => attrs.name === name) as never);
    const servers = own.map(({ name }) => at(name));
    expect(new Set(servers)).to.deep.equal(new Set(tasks.slice(1).map(({ name }) => name)));
    const slots = nodes.filter(
      ({ op, attrs }) => op.role === 'variable' && `${attrs.name}`.includes('/'),
    );
    expect(slots.length).to.be.at.least(2 * own.length);
    for (const slot of slots.filter(({ outputs }) => outputs[0]?.size === 64))
      expect(placement.get(slot)).to.equal(at(`${slot.attrs.name}`.split('/')[0] as string));
    // To the worker go the variables, to the servers the gradients, and nothing between servers but single numbers.
    const sent = parts.flatMap(({ part }) => part.nodes.filter(({ op }) => op.name === 'send'));
    const large = sent.filter(({ inputs: [value] }) => value?.size === 64);
    expect(large.map(({ attrs }) => `${attrs.key}`.replace(/;\d+$/, '')).sort()).to.deep.equal(
      servers
        .flatMap((server) => [`${server};${tasks[0]?.name}`, `${tasks[0]?.name};${server}`])
        .sort(),
    );
  });

  it('refuses hints that contradict each other or name no device', async () => {
    const session = new Session({ devices: [js({ index: 0 }), js({ index: 1 })] });
    const v = withDevice('js:1', () => variable(1));
    const moved = withDevice('js:0', () => assign(v, 2));
    expect((await rejection(session.run(moved))).code).to.equal('PLACEMENT_CONFLICT');
    const nowhere = withDevice('js:7', () => add(constant(1), 1));
    expect((await rejection(session.run(nowhere))).message).to.match(
      /no device of the session fits js:7; did you mean js:\d/,
    );
    expect(codeOf(() => parseDeviceName('/device:js:0/oops'))).to.equal('PLACEMENT_CONFLICT');
  });

  it('compares only the parts of a name that a hint gives', () => {
    const device = parseDeviceName('/job:worker/replica:0/task:1/device:js:0');
    const hints = ['js', 'js:1', '/job:worker', '/task:1/device:js:0', '/job:ps/device:js:0'];
    expect(hints.map((hint) => matchesHint(device, parseDeviceName(hint)))).to.deep.equal([
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});
