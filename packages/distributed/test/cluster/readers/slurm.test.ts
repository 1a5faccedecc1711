import { expect } from 'chai';
import { type Environment, resolveCluster } from '../../../src/index.js';
import { thrown } from '../thrown.js';

// What Slurm 22.05 sets for `srun --nodes=3 --ntasks=5` of task 4, less what says nothing of the cluster.
const task4: Environment = {
  SLURM_JOB_ID: '7',
  SLURM_JOB_NODELIST: 'node[08-10]',
  SLURM_LOCALID: '0',
  SLURM_NODEID: '2',
  SLURM_NTASKS: '5',
  SLURM_PROCID: '4',
  SLURM_STEP_ID: '0',
  SLURM_STEP_NODELIST: 'node[08-10]',
  SLURM_STEP_NUM_TASKS: '5',
  SLURM_STEP_TASKS_PER_NODE: '2(x2),1',
  SLURM_TASKS_PER_NODE: '2(x2),1',
};

const resolve = (environment: Environment) => resolveCluster(environment, { hostname: 'node10' });

describe('Slurm', () => {
  it('gives each task of a step its address', () => {
    const found = resolve({ ...task4, TENON_ROLES: 'ps=2,worker=*' });
    expect([found?.reader, found?.cluster, found?.task]).to.deep.equal([
      'slurm',
      {
        ps: ['node08:2222', 'node08:2223'],
        worker: ['node09:2222', 'node09:2223', 'node10:2222'],
      },
      { job: 'worker', task: 2 },
    ]);
  });

  it('makes all tasks workers where no roles are given', () => {
    const found = resolve(task4);
    expect(Object.keys(found?.cluster ?? {})).to.deep.equal(['worker']);
    expect(found?.task).to.deep.equal({ job: 'worker', task: 4 });
  });

  it('takes a step that is smaller than its job by itself', () => {
    const found = resolve({
      ...task4,
      SLURM_STEP_NODELIST: 'node[09-10]',
      SLURM_STEP_NUM_TASKS: '2',
      SLURM_STEP_TASKS_PER_NODE: '1(x2)',
      SLURM_PROCID: '1',
      SLURM_NODEID: '1',
    });
    expect([found?.cluster, found?.task]).to.deep.equal([
      { worker: ['node09:2222', 'node10:2222'] },
      { job: 'worker', task: 1 },
    ]);
  });

  it('outside of a step, in the batch script, is the view of a client', () => {
    // The batch script has a SLURM_PROCID too: 0.
    const found = resolve({
      SLURM_JOB_NODELIST: 'node[08-09]',
      SLURM_NTASKS: '2',
      SLURM_PROCID: '0',
      SLURM_NODEID: '0',
      SLURM_TASKS_PER_NODE: '1(x2)',
    });
    expect([found?.cluster, found?.task]).to.deep.equal([
      { worker: ['node08:2222', 'node09:2222'] },
      undefined,
    ]);
  });

  // Each with the node that Slurm ran task 3 on.
  const distributions: readonly [distribution: Environment, node: string, addresses: string][] = [
    [{}, '1', 'node08:2222 node08:2223 node09:2222 node09:2223 node10:2222'],
    [
      { SLURM_DISTRIBUTION: 'block:cyclic' },
      '1',
      'node08:2222 node08:2223 node09:2222 node09:2223 node10:2222',
    ],
    [
      { SLURM_DISTRIBUTION: 'cyclic' },
      '0',
      'node08:2222 node09:2222 node10:2222 node08:2223 node09:2223',
    ],
    [
      { SLURM_DISTRIBUTION: 'plane=1' },
      '0',
      'node08:2222 node09:2222 node10:2222 node08:2223 node09:2223',
    ],
    [
      { SLURM_DISTRIBUTION: 'plane', SLURM_DIST_PLANESIZE: '2' },
      '1',
      'node08:2222 node08:2223 node09:2222 node09:2223 node10:2222',
    ],
  ];
  for (const [distribution, node, addresses] of distributions) {
    it(`follows the distribution ${JSON.stringify(distribution)}`, () => {
      const task3 = { ...task4, SLURM_PROCID: '3', SLURM_NODEID: node };
      const found = resolve({ ...task3, ...distribution });
      expect(found?.cluster.worker?.join(' ')).to.equal(addresses);
    });
  }

  const refused: readonly [change: Environment, error: string][] = [
    [
      { SLURM_NODEID: '1' },
      'SLURM_NODEID: task 4 is on node 1, not on 2 as its distribution says.',
    ],
    [
      { SLURM_STEP_NODELIST: 'node[08-' },
      'SLURM_STEP_NODELIST: "node[08-": a bracket is not closed.',
    ],
    [
      { SLURM_STEP_TASKS_PER_NODE: '2(y2)' },
      'SLURM_STEP_TASKS_PER_NODE: "2(y2)" is not a count of tasks.',
    ],
    [
      { SLURM_STEP_TASKS_PER_NODE: undefined, SLURM_TASKS_PER_NODE: undefined },
      'SLURM_TASKS_PER_NODE: the variable is not set.',
    ],
    [
      { SLURM_STEP_TASKS_PER_NODE: '5' },
      'SLURM_STEP_TASKS_PER_NODE: it counts tasks of 1 nodes; SLURM_STEP_NODELIST has 3.',
    ],
    [
      { SLURM_STEP_NUM_TASKS: '6' },
      'SLURM_STEP_NUM_TASKS: it is 6, but the nodes have 5 tasks in all.',
    ],
    [
      { SLURM_PROCID: '5' },
      'Slurm (SLURM_JOB_NODELIST, SLURM_TASKS_PER_NODE, SLURM_PROCID): rank 5 is outside of the 5 processes.',
    ],
    [
      { SLURM_DISTRIBUTION: 'arbitrary' },
      'SLURM_DISTRIBUTION: "arbitrary" does not say on which nodes the tasks are.',
    ],
    [{ SLURM_DISTRIBUTION: 'plane' }, 'SLURM_DIST_PLANESIZE: a plane distribution needs its size.'],
    [{ TENON_ROLES: 'ps=2,worker=2' }, 'TENON_ROLES: it needs 4 processes, but 5 were launched.'],
  ];
  for (const [change, error] of refused) {
    it(`is refused with ${JSON.stringify({ ...change })}`, () => {
      expect(thrown(() => resolve({ ...task4, ...change }))).to.equal(`CLUSTER_INVALID ${error}`);
    });
  }
});
