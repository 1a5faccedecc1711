import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addressOf, type Environment, resolveCluster } from '@tenon/distributed';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';
import { type RealRun, realRun } from './real-run.js';
import { type SlurmCluster, startSlurm } from './slurm-cluster.js';

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

const install = 'scripts/install-cluster-peers installs it';

/** Why the launchers of a suite can not run here. */
function reasonToSkip(programs: readonly string[], needsRoot: boolean): string | undefined {
  if (!long) return 'runs with npm run test:long';
  const missing = programs.find((program) => !existsSync(program));
  if (missing) return `${missing} is missing: ${install}`;
  return needsRoot && process.getuid?.() !== 0 ? 'its daemons need root' : undefined;
}

/** A suite whose title tells why it was skipped, if it was. */
function describeWith(
  name: string,
  { programs, needsRoot = false }: { programs: readonly string[]; needsRoot?: boolean },
  suite: (this: Mocha.Suite) => void,
): void {
  const reason = reasonToSkip(programs, needsRoot);
  if (reason) describe.skip(`${name} (${reason})`, suite);
  else describe(name, suite);
}

// Below those that the system gives to others, so that they are free; in a row, as ranks of one machine count them.
const portsInARow = () => 12_000 + 8 * Math.floor(Math.random() * 1000);

/** What a run with one chief, two parameter servers and two workers must come to. */
function expectTrained({ code, output, trained, left }: RealRun, status: number): void {
  expect(code, output).to.equal(status);
  const task = (job: string, k: number) => `/job:${job}/replica:0/task:${k}/device:wasm:0`;
  expect(trained?.devices).to.deep.equal(
    [0, 1].map((k) => task('worker', k)).concat([0, 1].map((k) => task('ps', k))),
  );
  expect(trained?.loss).to.be.lessThan(1e-6);
  expect(trained?.weights[0]).to.be.closeTo(3, 1e-3);
  expect(trained?.weights[1]).to.be.closeTo(1, 1e-3);
  expect(trained?.refused).to.be.oneOf(['UNAUTHENTICATED', 'UNAVAILABLE']);
  expect(trained?.fitted.at(-1)).to.be.lessThan(0.1 * (trained?.fitted[0] ?? 0));
  // The script was killed in the middle, and started again by supervise.sh.
  expect(output.match(/ended with 137 and is started again/g), output).to.have.length(1);
  expect(left).to.deep.equal([]);
}

// The scripts draw a token for each run.
const runs = [
  { how: 'a token', tls: false, status: 0 },
  { how: 'a token and mutual TLS', tls: true, status: 3 },
] as const;

describe('real launchers', function () {
  this.timeout(300_000);

  describeWith('Slurm', { programs: ['/usr/sbin/slurmctld'], needsRoot: true }, () => {
    let slurm: SlurmCluster | undefined;
    before(async () => {
      slurm = await startSlurm();
    });
    after(() => slurm?.close());

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

    for (const { how, tls, status } of runs) {
      it(`trains on masters and workers of our own with ${how}, to the status ${status}`, async () => {
        const sizes = ['--nodes=3', '--ntasks=5', '--cpus-per-task=1', '--overcommit'];
        const script = join(deploy, 'slurm/train.sbatch');
        const ended = await realRun(['sbatch', '--wait', ...sizes, script], {
          status,
          tls,
          variables: { ...slurm?.environment, TENON_DEPLOY: deploy },
        });
        expectTrained(ended, status);
      });
    }
  });

  describeWith('Open MPI', { programs: ['/usr/bin/mpirun'] }, () => {
    const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };

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

    for (const { how, tls, status } of runs) {
      it(`trains on masters and workers of our own with ${how}, to the status ${status}`, async () => {
        const own = { TENON_TASKS: '5', TENON_PORT: `${portsInARow()}` };
        const variables = { ...asRoot, ...own };
        const ended = await realRun([join(deploy, 'mpi/train.sh')], { status, tls, variables });
        expectTrained(ended, status);
      });
    }
  });
});
