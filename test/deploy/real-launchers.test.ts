import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addressOf, type Environment, resolveCluster } from '@tenon/distributed';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';
import { type SlurmCluster, startSlurm } from './slurm-cluster.js';
import { launch } from './stand-ins.js';

const execute = promisify(execFile);
const long = Number(process.env.TENON_RUNS ?? 1) > 1;
const deploy = join(repositoryRoot, 'deploy');

/** The environment of each process that a launcher starts, in no order. */
async function environmentsUnder(
  [program = '', ...options]: readonly string[],
  variables: Environment,
): Promise<Environment[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-launched-'));
  try {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, ...variables };
    const note = ['bash', '-c', `env -0 > ${folder}/$$.$RANDOM`];
    await execute(program, [...options, ...note], { env, timeout: 60_000 });
    return readdirSync(folder).map((name) =>
      Object.fromEntries(
        readFileSync(join(folder, name), 'utf8')
          .split('\0')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where each process would listen by its own view of the cluster, sorted; all must have the same view. */
function addressesOf(environments: readonly Environment[]): string[] {
  const found = environments.map((environment) => resolveCluster(environment));
  for (const one of found) expect(one?.cluster).to.deep.equal(found[0]?.cluster);
  return found
    .map((one) => {
      if (!one?.task) throw new Error('a process is no task of its cluster');
      const { host, port } = addressOf(one.cluster, one.task);
      return `${host}:${port}`;
    })
    .sort();
}

describe('real launchers (long tier)', () => {
  describe('Slurm', () => {
    let slurm: SlurmCluster | undefined;
    before(async function () {
      // Takes daemons of its own: scripts/install-cluster-peers installs them.
      if (!long || !existsSync('/usr/sbin/slurmctld') || process.getuid?.() !== 0) this.skip();
      this.timeout(60_000);
      slurm = await startSlurm();
    });
    after(async () => slurm?.close());

    for (const distribution of ['', 'block', 'cyclic', 'plane=2', 'block:cyclic']) {
      it(`gives tasks the addresses of their nodes, distribution "${distribution}"`, async () => {
        const options = distribution === '' ? [] : [`--distribution=${distribution}`];
        const environments = await environmentsUnder(
          ['srun', '--nodes=3', '--ntasks=5', '--overcommit', ...options],
          { ...slurm?.environment, TENON_ROLES: 'ps=2,worker=*' },
        );
        expect(environments).to.have.length(5);
        expect(addressesOf(environments)).to.deep.equal(
          environments
            .map((own) => `${own.SLURMD_NODENAME}:${2222 + Number(own.SLURM_LOCALID)}`)
            .sort(),
        );
      });
    }

    for (const status of [0, 3]) {
      it(`runs the batch script to the status ${status}`, async () => {
        const sizes = ['--nodes=3', '--ntasks=5', '--cpus-per-task=1', '--overcommit'];
        const { code, ranks, left, folder } = await launch(
          ['sbatch', '--wait', ...sizes, join(deploy, 'slurm/train.sbatch')],
          [`${status}`, 'killed'],
          { ...slurm?.environment, TENON_DEPLOY: deploy },
          { real: true },
        );
        rmSync(folder, { recursive: true });
        expect([code, ranks.map(({ command }) => command), left]).to.deep.equal([
          status,
          ['master', 'worker', 'worker', 'worker', 'worker'],
          [],
        ]);
        addressesOf(ranks.map(({ environment }) => environment));
      });
    }
  });

  describe('Open MPI', () => {
    const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
    before(function () {
      if (!long || !existsSync('/usr/bin/mpirun')) this.skip();
    });

    it('gives ranks of one machine ports in a row', async () => {
      const environments = await environmentsUnder(
        ['mpirun', '--map-by', 'slot', '--host', 'localhost:3'],
        { ...asRoot, TENON_ROLES: 'ps=1,worker=*' },
      );
      expect(addressesOf(environments)).to.deep.equal([
        '127.0.0.1:2222',
        '127.0.0.1:2223',
        '127.0.0.1:2224',
      ]);
    });

    for (const status of [0, 3]) {
      it(`runs the script to the status ${status}`, async () => {
        const { code, ranks, left, folder } = await launch(
          [join(deploy, 'mpi/train.sh')],
          [`${status}`, 'killed'],
          { ...asRoot, TENON_TASKS: '5' },
          { real: true },
        );
        rmSync(folder, { recursive: true });
        expect([code, ranks.map(({ command }) => command), left]).to.deep.equal([
          status,
          ['master', 'worker', 'worker', 'worker', 'worker'],
          [],
        ]);
        addressesOf(ranks.map(({ environment }) => environment));
      });
    }
  });
});
