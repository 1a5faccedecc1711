import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  add,
  assign,
  controlDependencies,
  group,
  hostTensor,
  js,
  mul,
  randomNormal,
  read,
  restoreVariables,
  Session,
  saveVariables,
  type VariableLayout,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';

const devices = [0, 1, 2].map((index) => js({ index }));
const session = () => new Session({ devices, seed: 1 });
const counting = (count: number) => Float32Array.from({ length: count }, (_, i) => i);
const table = () => variable(hostTensor(counting(15), { shape: [5, 3] }), { name: 'table' });

const layouts: readonly VariableLayout[] = [
  { over: ['js:2'] },
  { axis: 0, over: ['js:0', 'js:1'] },
  { axis: 1, over: ['js:2', 'js:0', 'js:1'] },
  { axis: -2, over: ['js:1', 'js:2'], sizes: [4, 1] },
  { axis: 0, over: ['js:1', 'js:0', 'js:1'] },
];

describe('variables in pieces', () => {
  for (const layout of layouts) {
    const name = JSON.stringify(layout);
    it(`look whole: ${name}`, async () => {
      const [own, w] = [session(), table()];
      own.place(w, layout);
      expect((await own.read(w)).data).to.deep.equal(counting(15));
      const values = counting(15).map((x) => 2 * x - 7);
      await own.write(w, hostTensor(values, { shape: [5, 3] }));
      const [doubled] = await own.run([mul(w, 2), assign(w, add(w, 1))]);
      expect(doubled.data).to.deep.equal(values.map((x) => 2 * x));
      expect((await own.read(w)).data).to.deep.equal(values.map((x) => x + 1));
    });

    it(`begin with what a whole variable would: ${name}`, async () => {
      const make = () => variable(randomNormal({ shape: [5, 3], seed: 9 }));
      const [own, w] = [session(), make()];
      own.place(w, layout);
      expect(await own.read(w)).to.deep.equal(await session().read(make()));
    });

    it(`are read after an update in the same run: ${name}`, async () => {
      const [own, w] = [session(), table()];
      own.place(w, layout);
      const first = assign(w, mul(w, 2));
      const after = controlDependencies([first], () => read(w));
      const second = controlDependencies([first], () => assign(w, add(read(w), 1)));
      const [seen] = await own.run([after, second]);
      expect(seen.data).to.deep.equal(counting(15).map((x) => 2 * x));
      expect((await own.read(w)).data).to.deep.equal(counting(15).map((x) => 2 * x + 1));
    });
  }

  it('do not depend on passes', async () => {
    const [own, w] = [new Session({ devices, optimise: false }), table()];
    own.place(w, { axis: 0, over: ['js:0', 'js:1'] });
    await own.run(assign(w, add(w, 1)));
    expect((await own.read(w)).data).to.deep.equal(counting(15).map((x) => x + 1));
  });

  it('are shown by explain with their devices and places', () => {
    const [own, w] = [session(), table()];
    own.place(w, { axis: 0, over: ['js:1', 'js:2'] });
    const text = own.explain(group([assign(w, add(w, 1))])).toString();
    expect(text).to.match(/name: "table\[0:3, :\]".*float32\[3, 3\].*on js:1/);
    expect(text).to.match(/name: "table\[3:5, :\]".*float32\[2, 3\].*on js:2/);
    expect(text).to.match(/= add.*float32\[3, 3\] on js:1/);
    expect(text).not.to.contain('concat');
  });

  it('keep the layout of a session to that session', async () => {
    const [one, other, w] = [session(), session(), table()];
    one.place(w, { axis: 0, over: ['js:0', 'js:1'] });
    await Promise.all([one.run(assign(w, add(w, 1))), other.run(assign(w, add(w, 2)))]);
    expect((await one.read(w)).data[0]).to.equal(1);
    expect((await other.read(w)).data[0]).to.equal(2);
    expect(other.explain(w).devices).to.deep.equal(['js:0']);
  });

  it('are saved whole and restored to other pieces', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenon-pieces-'));
    try {
      const [one, other, w] = [session(), session(), table()];
      one.place(w, { axis: 0, over: ['js:0', 'js:1'] });
      await one.run(assign(w, mul(w, 3)));
      await saveVariables(one, [w], folder);
      other.place(w, { axis: 1, over: ['js:1', 'js:2', 'js:0'] });
      await restoreVariables(other, [w], folder);
      expect(await other.read(w)).to.deep.equal(await one.read(w));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('take what lies beside them along: in pieces where it has their shape, with them where they are whole', () => {
    const own = session();
    const [w, v] = [table(), table()];
    own.place(w, { axis: 0, over: ['js:1', 'js:2'] });
    own.place(v, { over: ['js:2'] });
    const slot = variable(mul(table(), 0), { beside: w, name: 'slot' });
    const count = variable(0, { beside: v, name: 'count' });
    const text = own.explain([assign(slot, add(slot, 1)), assign(count, add(count, 1))]).toString();
    expect(text).to.match(/name: "slot\[0:3, :\]".*on js:1/);
    expect(text).to.match(/name: "count".*on js:2/);
    const hinted = withDevice('js:1', table);
    const near = variable(1, { beside: hinted, name: 'near' });
    expect(own.explain(assign(near, 2)).toString()).to.match(/name: "near".*on js:1/);
  });

  const refused: readonly [why: string, layout: VariableLayout, code: string][] = [
    ['an axis that is not there', { axis: 2, over: ['js:0', 'js:1'] }, 'ATTRIBUTE_INVALID'],
    ['no axis', { over: ['js:0', 'js:1'] }, 'ATTRIBUTE_INVALID'],
    ['no device', { axis: 0, over: [] }, 'ATTRIBUTE_INVALID'],
    ['an unknown device', { axis: 0, over: ['js:0', 'js:7'] }, 'PLACEMENT_CONFLICT'],
    ['what names no device', { over: ['///'] }, 'PLACEMENT_CONFLICT'],
    ['more devices than elements', { axis: 1, over: Array(4).fill('js:0') }, 'ATTRIBUTE_INVALID'],
    [
      'sizes that do not add up',
      { axis: 0, over: ['js:0', 'js:1'], sizes: [3, 3] },
      'ATTRIBUTE_INVALID',
    ],
    ['an empty piece', { axis: 0, over: ['js:0', 'js:1'], sizes: [5, 0] }, 'ATTRIBUTE_INVALID'],
    [
      'as many sizes as not devices',
      { axis: 0, over: ['js:0', 'js:1'], sizes: [5] },
      'ATTRIBUTE_INVALID',
    ],
  ];
  for (const [why, layout, code] of refused) {
    it(`refuse ${why}, and stay as they were`, async () => {
      const [own, w] = [session(), table()];
      expect(codeOf(() => own.place(w, layout))).to.equal(code);
      expect((await own.read(w)).data).to.deep.equal(counting(15));
    });
  }

  it('refuse another layout once they have a value, and take the same again', async () => {
    const [own, w] = [session(), table()];
    await own.initialize([w]);
    expect(codeOf(() => own.place(w, { over: ['js:1'] }))).to.equal('STATE_INVALID');
    const v = table();
    own.place(v, { over: ['js:2'] });
    own.place(v, { axis: 0, over: ['js:0', 'js:1'] });
    await own.run(v);
    own.place(v, { axis: 0, over: ['js:0', 'js:1'] });
    expect(codeOf(() => own.place(v, { axis: 1, over: ['js:0', 'js:1'] }))).to.equal(
      'STATE_INVALID',
    );
  });

  it('refuse what is no variable, and a session that is closed', async () => {
    const own = session();
    expect(codeOf(() => own.place(mul(table(), 2) as never, { over: ['js:0'] }))).to.equal(
      'VALUE_INVALID',
    );
    own.close();
    expect(codeOf(() => own.place(table(), { over: ['js:0'] }))).to.equal('SESSION_CLOSED');
    expect((await rejection(own.read(table()))).code).to.equal('SESSION_CLOSED');
  });
});
