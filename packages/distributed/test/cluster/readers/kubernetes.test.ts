import { expect } from 'chai';
import { type Environment, resolveCluster } from '../../../src/index.js';
import { thrown } from '../thrown.js';

const resolve = (environment: Environment, hostname = 'host') =>
  resolveCluster(environment, { hostname });

const set = {
  JOBSET_NAME: 'train',
  REPLICATED_JOB_NAME: 'worker',
  JOB_INDEX: '1',
  JOB_COMPLETION_INDEX: '2',
  TENON_ROLES: 'chief=1,ps=2,worker=2x3',
};

describe('a Kubernetes JobSet', () => {
  it('has the stable names of its pods', () => {
    const found = resolve(set);
    expect([found?.reader, found?.cluster, found?.task]).to.deep.equal([
      'jobset',
      {
        chief: ['train-chief-0-0.train:2222'],
        ps: ['train-ps-0-0.train:2222', 'train-ps-0-1.train:2222'],
        worker: [
          'train-worker-0-0.train:2222',
          'train-worker-0-1.train:2222',
          'train-worker-0-2.train:2222',
          'train-worker-1-0.train:2222',
          'train-worker-1-1.train:2222',
          'train-worker-1-2.train:2222',
        ],
      },
      { job: 'worker', task: 5 },
    ]);
  });

  it('may have another subdomain and port', () => {
    const found = resolve({ ...set, TENON_SERVICE: 'net', TENON_PORT: '9000' });
    expect(found?.cluster.chief).to.deep.equal(['train-chief-0-0.net:9000']);
  });

  const where = 'Kubernetes JobSet (JOBSET_NAME, REPLICATED_JOB_NAME, JOB_INDEX, TENON_ROLES)';
  const refused: readonly [change: Environment, error: string][] = [
    [
      { TENON_ROLES: undefined },
      'TENON_ROLES: the variable is not set; a JobSet does not tell its pods how many they are.',
    ],
    [
      { TENON_ROLES: 'worker=*' },
      'TENON_ROLES: worker=* needs a known number of pods, which Kubernetes does not tell.',
    ],
    [{ REPLICATED_JOB_NAME: undefined }, 'REPLICATED_JOB_NAME: the variable is not set.'],
    [{ JOB_INDEX: '' }, 'JOB_INDEX: the variable is not set.'],
    [{ JOB_INDEX: 'x' }, 'JOB_INDEX: "x" is not a whole number from 0.'],
    [{ JOB_COMPLETION_INDEX: undefined }, 'JOB_COMPLETION_INDEX: the variable is not set.'],
    [
      { JOB_COMPLETION_INDEX: '3' },
      `${where}: pod 3 of job 1 of worker is outside of 2 jobs of 3 pods.`,
    ],
    [{ JOB_INDEX: '2' }, `${where}: pod 2 of job 2 of worker is outside of 2 jobs of 3 pods.`],
    [
      { REPLICATED_JOB_NAME: 'workers' },
      `${where}: the cluster has no job workers; did you mean worker?`,
    ],
    [{ TENON_PORT: '0' }, 'TENON_PORT: 0 is no port.'],
    [{ TENON_PORT: '2222/tcp' }, 'TENON_PORT: "2222/tcp" is not a whole number from 0.'],
  ];
  for (const [change, error] of refused) {
    it(`is refused with ${JSON.stringify({ ...change })}`, () => {
      expect(thrown(() => resolve({ ...set, ...change }))).to.equal(`CLUSTER_INVALID ${error}`);
    });
  }
});

const job = { JOB_COMPLETION_INDEX: '3', TENON_ROLES: 'ps=2,worker=2', JOB_NAME: 'train' };

describe('a Kubernetes Indexed Job', () => {
  it('deals its indexes out to the roles', () => {
    const found = resolve({ ...job, TENON_SERVICE: 'net' });
    expect([found?.reader, found?.cluster, found?.task]).to.deep.equal([
      'indexed-job',
      {
        ps: ['train-0.net:2222', 'train-1.net:2222'],
        worker: ['train-2.net:2222', 'train-3.net:2222'],
      },
      { job: 'worker', task: 1 },
    ]);
  });

  it("takes its name from the host's name", () => {
    const found = resolve({ ...job, JOB_NAME: undefined }, 'my-job-3.my-job.default.svc');
    expect(found?.cluster.ps).to.deep.equal(['my-job-0.my-job:2222', 'my-job-1.my-job:2222']);
  });

  const refused: readonly [change: Environment, error: string][] = [
    [
      { TENON_ROLES: undefined },
      'TENON_ROLES: it does not say how many pods there are; Kubernetes does not tell them.',
    ],
    [
      { TENON_ROLES: 'ps=1,worker=*' },
      'TENON_ROLES: it does not say how many pods there are; Kubernetes does not tell them.',
    ],
    [
      { JOB_NAME: '' },
      'JOB_NAME: the variable is not set, and the host name host does not end in -3.',
    ],
    [
      { JOB_COMPLETION_INDEX: '4' },
      'Kubernetes Indexed Job (JOB_COMPLETION_INDEX, JOB_NAME, TENON_ROLES): rank 4 is outside of the 4 processes.',
    ],
    [{ JOB_COMPLETION_INDEX: '1.5' }, 'JOB_COMPLETION_INDEX: "1.5" is not a whole number from 0.'],
  ];
  for (const [change, error] of refused) {
    it(`is refused with ${JSON.stringify({ ...change })}`, () => {
      expect(thrown(() => resolve({ ...job, ...change }))).to.equal(`CLUSTER_INVALID ${error}`);
    });
  }
});
