import { expect } from 'chai';
import fc from 'fast-check';
import { clusterReaders, resolveCluster } from '../../src/index.js';
import { fixOf, thrown } from './thrown.js';

const cluster = { ps: ['a:2222'], worker: ['b:2222', 'c:2222'] };
const text = JSON.stringify(cluster);
const readFile = (path: string) => {
  if (path === 'spec.json') return new TextEncoder().encode(text);
  if (path === 'broken.json') return new TextEncoder().encode('{"ps": ["a"]}');
  throw new Error(`no such file: ${path}`);
};

describe('resolving the cluster', () => {
  it('finds none in an empty environment', () => {
    expect(resolveCluster({})).to.equal(undefined);
  });

  it('takes options first, then variables, by text or by path', () => {
    const named = { TENON_JOB: 'worker', TENON_TASK: '1' };
    const found = [
      resolveCluster({}, { cluster: 'spec.json', job: 'ps', task: 0, readFile }),
      resolveCluster(named, { cluster: text, readFile }),
      resolveCluster({ ...named, TENON_CLUSTER: 'spec.json' }, { readFile }),
      resolveCluster({ ...named, TENON_CLUSTER: text }, { job: 'worker', task: 0, readFile }),
      resolveCluster({ TENON_CLUSTER: text }, { readFile }),
    ];
    const worker = (task: number) => ({ job: 'worker', task });
    expect(found).to.deep.equal([
      { reader: 'options', source: 'spec.json', cluster, task: { job: 'ps', task: 0 } },
      { reader: 'options', source: '--cluster', cluster, task: worker(1) },
      { reader: 'own-json', source: 'spec.json', cluster, task: worker(1) },
      { reader: 'own-json', source: 'TENON_CLUSTER', cluster, task: worker(0) },
      { reader: 'own-json', source: 'TENON_CLUSTER', cluster, task: undefined },
    ]);
  });

  it('tries what a person wrote before what a launcher set', () => {
    expect(Object.keys(clusterReaders)).to.deep.equal([
      'own-json',
      'tf-config',
      'jobset',
      'indexed-job',
      'open-mpi',
      'slurm',
    ]);
    const slurm = { SLURM_JOB_NODELIST: 'n[1-2]', SLURM_TASKS_PER_NODE: '1(x2)' };
    const mpi = { OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '1', TENON_HOSTS: 'a' };
    const job = { JOB_COMPLETION_INDEX: '0', JOB_NAME: 'j', TENON_ROLES: 'worker=1' };
    const set = { JOBSET_NAME: 's', REPLICATED_JOB_NAME: 'worker', JOB_INDEX: '0' };
    const tf = { TF_CONFIG: JSON.stringify({ cluster }) };
    const environments = [slurm, mpi, job, set, tf, { TENON_CLUSTER: text }];
    let all: Record<string, string> = {};
    const order = environments.map((environment) => {
      all = { ...all, ...environment };
      return resolveCluster(all)?.reader;
    });
    expect(order).to.deep.equal(Object.keys(clusterReaders).reverse());
  });

  it('lets a named task replace that of the reader', () => {
    const config = JSON.stringify({ cluster, task: { type: 'worker', index: 0 } });
    const found = resolveCluster({ TF_CONFIG: config, TENON_JOB: 'ps', TENON_TASK: '0' });
    expect(found?.task).to.deep.equal({ job: 'ps', task: 0 });
  });

  const refused: readonly [call: () => unknown, error: string][] = [
    [
      () => resolveCluster({}, { cluster: 'none.json', readFile }),
      'FILE_NOT_FOUND --cluster: the file none.json cannot be read: no such file: none.json.',
    ],
    [
      () => resolveCluster({ TENON_CLUSTER: 'none.json' }, { readFile }),
      'FILE_NOT_FOUND TENON_CLUSTER: the file none.json cannot be read: no such file: none.json.',
    ],
    [
      () => resolveCluster({}, { cluster: 'broken.json', readFile }),
      'CLUSTER_INVALID broken.json: job ps, task 0: "a" is not host:port with a port from 1 to 65535.',
    ],
    [
      () => resolveCluster({ TENON_CLUSTER: text }, { job: 'ps' }),
      'CLUSTER_INVALID --job and --task: only the job is given.',
    ],
    [
      () => resolveCluster({ TENON_CLUSTER: text, TENON_TASK: '0' }),
      'CLUSTER_INVALID TENON_JOB and TENON_TASK: only the task is given.',
    ],
    [
      () => resolveCluster({ TENON_CLUSTER: text, TENON_JOB: 'ps', TENON_TASK: 'x' }),
      'CLUSTER_INVALID TENON_TASK: "x" is not a whole number from 0.',
    ],
    [
      () => resolveCluster({ TENON_CLUSTER: text }, { job: 'ps', task: 1 }),
      'CLUSTER_INVALID --job and --task: job ps has no task 1.',
    ],
    [
      () => resolveCluster({}, { job: 'ps', task: 1 }),
      'CLUSTER_INVALID --job and --task: it names ps 1, but nothing describes the cluster.',
    ],
  ];
  for (const [call, error] of refused) {
    it(`is refused: ${error}`, () => {
      expect(thrown(call)).to.equal(error);
      expect(fixOf(call)).to.be.a('string');
    });
  }

  it('answers or refuses with a code whatever the variables hold', () => {
    const names = [
      'TENON_CLUSTER TENON_JOB TENON_TASK TENON_ROLES TENON_PORT TENON_HOSTS TENON_HOSTFILE TF_CONFIG',
      'JOBSET_NAME REPLICATED_JOB_NAME JOB_INDEX JOB_COMPLETION_INDEX OMPI_COMM_WORLD_RANK',
      'OMPI_COMM_WORLD_SIZE SLURM_JOB_NODELIST SLURM_TASKS_PER_NODE SLURM_NTASKS SLURM_PROCID',
    ].flatMap((line) => line.split(' '));
    const value = fc.oneof(
      fc.constantFrom('0', '1', '2', 'a', 'worker=1', 'ps=1,worker=*', 'n[1-2]', '1(x2)', text),
      fc.string(),
      fc.json({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (environment) => {
        try {
          resolveCluster(environment, { readFile });
        } catch (error) {
          expect((error as { code?: string }).code).to.match(/^(CLUSTER_INVALID|FILE_NOT_FOUND)$/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
