import {
  add,
  assign,
  constant,
  js,
  mul,
  placeholder,
  Session,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { matchesHint, parseDeviceName } from '../../src/placement/device-name.js';
import { codeOf, rejection } from '../graph-error.js';

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
