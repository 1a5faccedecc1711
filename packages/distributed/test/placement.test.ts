import {
  add,
  assign,
  constant,
  type Device,
  js,
  matMul,
  type PlacementOptions,
  placeholder,
  Session,
  sgd,
  sum,
  tanh,
  type Variable,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { createLocalCluster, type Worker } from '../src/index.js';
import { statusOf } from './cluster-status.js';

const rates = { productFlops: 1e9, elementOps: 1e8, bytes: 1e9, launch: 1e-6 };
const rated = (change: Partial<Device> = {}): Device =>
  Object.assign(Object.create(js()), { rates, ...change });

const nothing = { latency: 1e-9, secondsPerByte: 1e-12 };
const far = { latency: 10, secondsPerByte: 1 };

/** Two towers that meet in one sum, and a step that trains them. */
function towers() {
  const x = placeholder({ shape: [16, 32] });
  const tower = (name: string) => {
    const w = variable(new Float32Array(32 * 32).fill(0.02), { shape: [32, 32], name });
    return { w, y: matMul(tanh(matMul(x, w)), w) };
  };
  const [a, b] = [tower('a'), tower('b')] as const;
  const loss = sum(add(a.y, b.y));
  const step = sgd({ learningRate: 0.01 }).minimize(loss, [a.w, b.w]);
  const feeds = [[x, new Float32Array(16 * 32).fill(0.5)]] as const;
  return { feeds, loss, step, variables: [a.w, b.w] as const };
}

/** Variables of each worker after two steps, and the losses. */
async function trained(placement: PlacementOptions, devices?: () => readonly Device[]) {
  const cluster = await createLocalCluster({ workers: 2, devices: devices ?? (() => [rated()]) });
  try {
    const { feeds, loss, step, variables } = towers();
    const session = cluster.session({ placement });
    // Set before a graph has said where it should live.
    await session.write(variables[0], new Float32Array(32 * 32).fill(0.02));
    const losses: number[] = [];
    for (let i = 0; i < 2; i++) losses.push((await session.run([loss, step], { feeds }))[0].item());
    return { losses, held: await heldBy(cluster.workers) };
  } finally {
    await cluster.close();
  }
}

/** How many variables each worker holds. */
const heldBy = (workers: readonly Worker[]): Promise<number[]> =>
  Promise.all(workers.map(async (worker) => (await statusOf([worker])).variables));

async function expected(): Promise<number[]> {
  const { feeds, loss, step } = towers();
  const session = new Session();
  const losses: number[] = [];
  for (let i = 0; i < 2; i++) losses.push((await session.run([loss, step], { feeds }))[0].item());
  return losses;
}

describe('placement in a cluster', () => {
  it('spreads a step over workers where the model says that it pays, variables with it, and computes the same', async () => {
    const links = { memory: nothing, network: nothing };
    const { losses, held } = await trained({ automatic: true, links });
    expect(losses).to.deep.equal(await expected());
    expect(Math.min(...held)).to.be.above(0);
  });

  it('keeps a step on the best worker where moving values costs more', async () => {
    const links = { memory: nothing, network: far };
    let made = 0;
    // The second worker is the fast one.
    const devices = () => [rated(made++ === 0 ? { rates: { ...rates, productFlops: 1e6 } } : {})];
    const { losses, held } = await trained({ automatic: true, links }, devices);
    expect(losses).to.deep.equal(await expected());
    expect(held[0]).to.equal(0);
    expect(held[1]).to.be.above(0);
  });

  it('measures devices that do not say how fast they are', async () => {
    const { losses } = await trained({ automatic: true }, () => [js()]);
    expect(losses).to.deep.equal(await expected());
  });

  it('spreads variables that ask for a job over its servers by bytes, whether graphs or values come first', async () => {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: 2 });
    try {
      const session = cluster.session();
      const sizes = [10, 40, 30, 20];
      const made = withDevice('/job:ps', () =>
        sizes.map((size, i) => variable(new Float32Array(size), { name: `v${i}` })),
      );
      await session.write(made[1] as never, new Float32Array(40).fill(2));
      await session.run(made.map((v) => assign(v, add(v, constant(1)))));
      const first = (await session.read(made[1] as never)).data[0];
      expect(first).to.equal(3);
      // 40 and 10 on one, 30 and 20 on the other.
      expect(await heldBy(cluster.workers)).to.deep.equal([0, 2, 2]);
    } finally {
      await cluster.close();
    }
  });

  for (const first of ['graphs', 'values'] as const) {
    it(`spreads variables with what lies beside them, where ${first} come first`, async () => {
      const cluster = await createLocalCluster({ workers: 1, parameterServers: 2 });
      try {
        const session = cluster.session();
        const [large, ...others] = withDevice('/job:ps', () =>
          [40, 30, 30].map((size) => variable(new Float32Array(size))),
        ) as [Variable, Variable, Variable];
        const slots = [1, 2, 3].map(() => variable(new Float32Array(40), { beside: large }));
        const all = [large, ...slots, ...others];
        if (first === 'values')
          for (const v of all) await session.write(v, new Float32Array(v.size as number).fill(1));
        await session.run(all.map((v) => assign(v, add(v, constant(1)))));
        expect(await heldBy(cluster.workers)).to.deep.equal([0, 4, 2]);
        // One more follows when its variable has a home.
        const later = variable(new Float32Array(40), { beside: large });
        await session.write(later, new Float32Array(40).fill(1));
        await session.run(assign(later, add(later, constant(1))));
        expect(await heldBy(cluster.workers)).to.deep.equal([0, 5, 2]);
      } finally {
        await cluster.close();
      }
    });
  }

  it('loosens hints of a soft session, refuses them else', async () => {
    const cluster = await createLocalCluster({ workers: 1 });
    try {
      const v = withDevice('/job:ps/task:3', () => variable([1, 2]));
      const soft = cluster.session({ placement: { soft: true } });
      await soft.write(v, [3, 4]);
      expect((await soft.run(add(v, 1))).array()).to.deep.equal([4, 5]);
      const strict = cluster.session();
      const error = await strict.run(add(v, 1)).catch((reason) => reason);
      expect(error.code).to.equal('PLACEMENT_CONFLICT');
    } finally {
      await cluster.close();
    }
  });
});
