import { buildRandomGraph, randomSteps } from '@tenon/conformance';
import {
  adam,
  add,
  assign,
  type Device,
  js,
  matMul,
  Profile,
  placeholder,
  Session,
  sgd,
  sum,
  tanh,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { codeOf, rejection } from '../graph-error.js';
import { randomRuns } from '../random-runs.js';

const rates = { productFlops: 1e9, elementOps: 1e8, bytes: 1e9, launch: 1e-6 };

/** A js device that says how fast it is, how much it holds, and that it runs beside the others. */
function device(index: number, change: Partial<Device> = {}): Device {
  const inner = js({ index });
  return Object.assign(Object.create(inner), { rates, ...change }) as Device;
}

const slow = { ...rates, productFlops: 1e7, elementOps: 1e6, bytes: 1e7 };
const noWay = { latency: 1e-9, secondsPerByte: 1e-12 };
const nearby = { memory: noWay, network: noWay };

/** Two towers that meet in one sum. */
function towers() {
  const x = placeholder({ shape: [32, 64] });
  const tower = (name: string) => {
    const w = variable(new Float32Array(64 * 64).fill(0.01), { shape: [64, 64], name });
    return { w, y: matMul(tanh(matMul(x, w)), w) };
  };
  const [a, b] = [tower('a'), tower('b')] as const;
  const feeds = [[x, new Float32Array(32 * 64).fill(0.5)]] as const;
  return { x, feeds, loss: sum(add(a.y, b.y)), variables: [a.w, b.w] };
}

const devicesIn = (text: string) => [...new Set(text.match(/on js:\d/g))].sort();

describe('automatic placement', () => {
  it('takes the faster device for everything, variables too, where the other would not help', async () => {
    const { loss, feeds, variables } = towers();
    const session = new Session({
      devices: [device(0, { rates: slow }), device(1)],
      placement: { automatic: true },
    });
    const step = sgd({ learningRate: 0.1 }).minimize(loss, variables);
    const { placement, devices } = session.explain([loss, step], { feeds });
    expect(devices).to.deep.equal(['js:1']);
    expect(placement?.single.device).to.equal('js:1');
    await session.run([loss, step], { feeds });
    expect(session.explain(loss, { feeds }).devices).to.deep.equal(['js:1']);
    expect(session.runSync(loss, { feeds }).size).to.equal(1);
  });

  it('spreads what can run beside each other over devices that run beside each other', () => {
    const { loss, feeds } = towers();
    const beside = [0, 1].map((index) => device(index, { synchronous: false }));
    const spread = new Session({ devices: beside, placement: { automatic: true, links: nearby } });
    const { placement } = spread.explain(loss, { feeds });
    expect(placement?.devices.map(({ groups }) => groups > 0)).to.deep.equal([true, true]);
    expect(placement?.makespan).to.be.below(0.7 * (placement?.single.makespan as number));
    const shared = [device(0), device(1)];
    const alone = new Session({ devices: shared, placement: { automatic: true, links: nearby } });
    expect(devicesIn(`${alone.explain(loss, { feeds })}`)).to.deep.equal(['on js:0']);
  });

  it('keeps to the memory of the devices', () => {
    const { loss, feeds } = towers();
    // Two variables of 16 KiB do not fit on one.
    const small = [0, 1].map((index) => device(index, { limits: { bytes: 40_000 } }));
    const session = new Session({ devices: small, placement: { automatic: true } });
    const { placement } = session.explain(loss, { feeds });
    for (const { bytes, limit, groups } of placement?.devices ?? []) {
      expect(groups).to.be.above(0);
      expect(bytes).to.be.at.most(limit);
    }
  });

  it('computes bit for bit what one device computes', async () => {
    await fc.assert(
      fc.asyncProperty(randomSteps, fc.nat({ max: 1000 }), async (steps, seed) => {
        const one = new Session({ seed: 5 });
        const search = { seed, moves: 60, leastGain: 0 };
        const speeds = [rates, slow, rates];
        const three = new Session({
          devices: speeds.map((own, i) => device(i, { rates: own, synchronous: false })),
          placement: { automatic: true, links: nearby, search },
          seed: 5,
        });
        const { tensors, feeds } = buildRandomGraph(steps);
        const expected = await one.run([...tensors], { feeds });
        expect(await three.run([...tensors], { feeds })).to.deep.equal(expected);
      }),
      randomRuns(40),
    );
  });

  it('obeys hints and the homes of variables', async () => {
    const devices = [device(0), device(1), device(2)];
    const session = new Session({ devices, placement: { automatic: true } });
    const v = withDevice('js:2', () => variable([1, 2], { name: 'v' }));
    const y = withDevice('js:1', () => add(v, 1));
    const text = `${session.explain([assign(v, y), y])}`;
    expect(text)
      .to.match(/= assign.*on js:2/)
      .and.to.match(/= add.*on js:1/);
    expect((await session.run(assign(v, y))).array()).to.deep.equal([2, 3]);
    expect((await session.read(v)).array()).to.deep.equal([2, 3]);
  });

  it('keeps values that are set before the first run until that chooses where variables live', async () => {
    const session = new Session({
      devices: [device(0, { rates: slow }), device(1)],
      placement: { automatic: true },
    });
    const { loss, feeds, variables } = towers();
    const [a] = variables as [(typeof variables)[number]];
    const values = new Float32Array(64 * 64).fill(3);
    await session.write(a, values);
    values.fill(4);
    expect((await session.read(a)).data[0]).to.equal(3);
    const step = sgd({ learningRate: 1e-12 }).minimize(loss, variables);
    await session.run([loss, step], { feeds });
    expect(session.explain(loss, { feeds }).devices).to.deep.equal(['js:1']);
    expect((await session.read(a)).data[0]).to.be.closeTo(3, 1e-4);
  });

  it('leaves variables where the session was told to put them, in pieces too', async () => {
    const { loss, feeds, variables } = towers();
    const [a, b] = variables as [(typeof variables)[number], (typeof variables)[number]];
    const step = adam().minimize(loss, variables);
    const session = new Session({
      devices: [device(0), device(1), device(2, { rates: slow })],
      placement: { automatic: true },
    });
    session.place(a, { axis: 0, over: ['js:0', 'js:2'] });
    session.place(b, { over: ['js:2'] });
    const expected = new Session();
    for (let i = 0; i < 2; i++) {
      const [own] = await session.run([loss, step], { feeds });
      const [other] = await expected.run([loss, step], { feeds });
      expect(own.item()).to.be.closeTo(other.item(), 1e-3);
    }
    const text = `${session.explain([loss, step], { feeds })}`;
    for (const [name, place] of [
      ['a\\[0:32, :\\]', 'js:0'],
      ['a\\[32:64, :\\]', 'js:2'],
      ['b', 'js:2'],
      ['b/\\w+', 'js:2'],
    ] as const)
      expect(text).to.match(new RegExp(`"${name}".*on ${place}`));
    const [value, other] = [await session.read(a), await expected.read(a)].map(
      ({ data }) => data as Float32Array,
    ) as [Float32Array, Float32Array];
    const difference = Math.max(...value.map((x, i) => Math.abs(x - (other[i] as number))));
    expect(difference).to.be.below(1e-5);
  });

  it('puts slots that come later to their variable, and forgets all choices when it begins anew', async () => {
    const { loss, feeds, variables } = towers();
    const [a] = variables as [(typeof variables)[number]];
    const session = new Session({
      devices: [device(0, { rates: slow }), device(1)],
      placement: { automatic: true },
    });
    await session.run(loss, { feeds });
    const slot = variable(new Float32Array(64 * 64), { shape: [64, 64], name: 'slot', beside: a });
    await session.read(slot);
    expect(`${session.explain(slot)}`).to.match(/"slot".*on js:1/);
    const other = variable([1, 2]);
    await session.write(other, [3, 4]);
    await session.renew();
    expect((await session.read(other)).array()).to.deep.equal([1, 2]);
    expect(`${session.explain(other)}`).to.match(/on js:0/);
  });

  it('takes measured times before estimates, and gives the same from a saved profile', () => {
    const { loss, feeds } = towers();
    const devices = [device(0), device(1, { kind: 'other', rates: slow })];
    const session = new Session({ devices, placement: { automatic: true } });
    const profile = session.profile(loss, { feeds, milliseconds: 0 });
    expect(profile.size).to.be.at.least(4);
    const { seconds } = profile.toJSON();
    expect(Object.keys(seconds).sort()).to.deep.equal(['js', 'other']);
    // As if the other kind had been found to be fast.
    for (const key of Object.keys(seconds.other ?? {})) profile.set('other', key, 1e-9);
    const saved = Profile.fromJson(JSON.parse(JSON.stringify(profile)));
    expect(saved.toJSON()).to.deep.equal(profile.toJSON());
    const placed = new Session({ devices, placement: { automatic: true, profile: saved } });
    const { placement } = placed.explain(loss, { feeds });
    expect(placement?.single.device).to.equal('js:1');
    expect(placement?.groups.some(({ measured }) => measured)).to.equal(true);
    expect(codeOf(() => Profile.fromJson({ version: 2 }))).to.equal('ATTRIBUTE_INVALID');
  });

  it('gives the same plan for the same seed', () => {
    const { loss, feeds } = towers();
    const plan = () =>
      `${
        new Session({
          devices: [0, 1].map((index) => device(index, { synchronous: false })),
          placement: { automatic: true, search: { seed: 3, milliseconds: 60_000 } },
        }).explain(loss, { feeds }).placement
      }`;
    expect(plan()).to.equal(plan());
  });

  it('asks for the rates of devices that must be waited for, and refuses unknown options', async () => {
    const { loss, feeds } = towers();
    const { rates: _, ...unknown } = { ...device(1, { synchronous: false }) };
    const waiting = Object.assign(Object.create(js({ index: 1 })), unknown) as Device;
    const session = new Session({ devices: [js(), waiting], placement: { automatic: true } });
    const error = await rejection(session.run(loss, { feeds }));
    expect(error.message).to.match(/js:1: .*can not be measured.*\n?.*`rates`/s);
    const wrong = { automatc: true } as never;
    expect(codeOf(() => new Session({ placement: wrong }))).to.equal('ATTRIBUTE_INVALID');
  });
});

describe('constraints of placement', () => {
  it('leaves out devices that do not support a node, and says so where none is left', () => {
    const weak = device(0, { supports: ({ op }) => op.name !== 'tanh' });
    const { loss, feeds } = towers();
    const session = new Session({ devices: [weak, device(1)] });
    expect(`${session.explain(loss, { feeds })}`)
      .to.match(/= tanh.*on js:1/)
      .and.to.match(/= matMul.*on js:0/);
    const alone = new Session({ devices: [weak] });
    expect(codeOf(() => alone.explain(loss, { feeds }))).to.equal('PLACEMENT_CONFLICT');
  });

  it('loosens hints in soft placement: the number first, then the kind; homes of variables win', async () => {
    const session = new Session({
      devices: [device(0), device(1)],
      placement: { soft: true },
    });
    const v = withDevice('js:1', () => variable(1));
    const moved = withDevice('js:0', () => assign(v, 2));
    const far = withDevice('/job:worker/task:3/device:gpu:0', () => add(v, 1));
    expect((await session.run([moved, far])).map((value) => value.item())).to.deep.equal([2, 2]);
    const nowhere = withDevice('js:7', () => variable(5));
    expect((await session.run(nowhere)).item()).to.equal(5);
    expect(`${session.explain(moved)}`).to.match(/= assign.*on js:1/);
  });
});
