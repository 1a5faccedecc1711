import { expect } from 'chai';
import { type Environment, resolveCluster } from '../../../src/index.js';
import { thrown } from '../thrown.js';

// What mpirun 4.1 sets for rank 2 of `mpirun -n 3 --host a:2,b:2`.
const rank2: Environment = {
  OMPI_COMM_WORLD_RANK: '2',
  OMPI_COMM_WORLD_SIZE: '3',
  OMPI_COMM_WORLD_LOCAL_RANK: '0',
  OMPI_COMM_WORLD_LOCAL_SIZE: '1',
  OMPI_COMM_WORLD_NODE_RANK: '0',
};
const hosts = { TENON_HOSTS: 'a:2,b:2' };

const files: Readonly<Record<string, string>> = { '/etc/hosts.mpi': 'a slots=2\nb slots=2\n' };
const readFile = (path: string) => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return new TextEncoder().encode(text);
};
const resolve = (environment: Environment) => resolveCluster(environment, { readFile });

describe('Open MPI', () => {
  it('has its ranks on the hosts that are passed, slot by slot', () => {
    const found = resolve({ ...rank2, ...hosts, TENON_ROLES: 'ps=1,worker=*' });
    expect([found?.reader, found?.cluster, found?.task]).to.deep.equal([
      'open-mpi',
      { ps: ['a:2222'], worker: ['a:2223', 'b:2222'] },
      { job: 'worker', task: 1 },
    ]);
  });

  it('takes them from a hostfile too', () => {
    const found = resolve({ ...rank2, TENON_HOSTFILE: '/etc/hosts.mpi', TENON_PORT: '80' });
    expect(found?.cluster).to.deep.equal({ worker: ['a:80', 'a:81', 'b:80'] });
  });

  it('on one host needs none', () => {
    const local = { OMPI_COMM_WORLD_LOCAL_SIZE: '3', OMPI_COMM_WORLD_LOCAL_RANK: '2' };
    expect(resolve({ ...rank2, ...local })?.cluster).to.deep.equal({
      worker: ['127.0.0.1:2222', '127.0.0.1:2223', '127.0.0.1:2224'],
    });
  });

  it("comes before Slurm, whose variables then tell of mpirun's daemons", () => {
    const found = resolve({
      ...rank2,
      ...hosts,
      SLURM_JOB_NODELIST: 'a,b',
      SLURM_TASKS_PER_NODE: '1(x2)',
    });
    expect(found?.reader).to.equal('open-mpi');
  });

  const where = 'Open MPI (OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE)';
  const refused: readonly [change: Environment, error: string][] = [
    [{ OMPI_COMM_WORLD_RANK: 'x' }, 'OMPI_COMM_WORLD_RANK: "x" is not a whole number from 0.'],
    [{ OMPI_COMM_WORLD_SIZE: undefined }, 'OMPI_COMM_WORLD_SIZE: the variable is not set.'],
    [{ OMPI_COMM_WORLD_RANK: '3' }, `${where}: rank 3 is outside of the 3 processes.`],
    [{ TENON_HOSTS: 'a:1,b:1' }, `${where}: the hosts have 2 slots for 3 ranks.`],
    [{ TENON_HOSTS: 'a:x' }, 'TENON_HOSTS: "a:x" is not a host with its slots.'],
    [
      { TENON_HOSTS: undefined },
      `${where}: the ranks are on several hosts, and Open MPI does not tell which.`,
    ],
    [
      { TENON_HOSTS: undefined, TENON_HOSTFILE: '/none' },
      'TENON_HOSTFILE: /none cannot be read: ENOENT.',
    ],
    [
      { OMPI_COMM_WORLD_LOCAL_SIZE: '2' },
      'OMPI_COMM_WORLD_LOCAL_SIZE: it is 2, but rank 2 would have 1 if the hosts were filled slot by slot.',
    ],
    [
      { OMPI_COMM_WORLD_LOCAL_RANK: '1' },
      'OMPI_COMM_WORLD_LOCAL_RANK: it is 1, but rank 2 would have 0 if the hosts were filled slot by slot.',
    ],
  ];
  for (const [change, error] of refused) {
    it(`is refused with ${JSON.stringify({ ...change })}`, () => {
      const environment = { ...rank2, ...hosts, ...change };
      expect(thrown(() => resolve(environment))).to.equal(`CLUSTER_INVALID ${error}`);
    });
  }
});
