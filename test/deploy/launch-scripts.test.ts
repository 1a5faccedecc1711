import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chiefOf, resolveCluster, tasksOf } from '@tenon/distributed';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';
import { type Launched, launch } from './stand-ins.js';

const deploy = join(repositoryRoot, 'deploy');
const slurmScript = join(deploy, 'slurm/train.sbatch');
const jobOfSlurm = {
  TENON_DEPLOY: deploy,
  SLURM_JOB_ID: '77',
  SLURM_JOB_NODELIST: 'n[01-04]',
  SLURM_NTASKS: '7',
  SLURM_TASKS_PER_NODE: '2(x3),1',
};
const onSlurm = (...args: readonly string[]) => launch([slurmScript], args, jobOfSlurm);
const onMpi = (...args: readonly string[]) =>
  launch([join(deploy, 'mpi/train.sh')], args, { TENON_HOSTS: 'a:4,b:3' });

describe('the launch scripts', () => {
  // The runs do not depend on each other, and mostly wait.
  let runs: Record<'slurm' | 'slurmFailing' | 'mpi' | 'mpiFailing', Launched>;
  before(async () => {
    const [slurm, slurmFailing, mpi, mpiFailing] = await Promise.all([
      onSlurm('0', 'well'),
      onSlurm('3', 'well'),
      onMpi('0', 'killed'),
      onMpi('4', 'well'),
    ]);
    runs = { slurm, slurmFailing, mpi, mpiFailing };
  });
  after(() => {
    for (const { folder } of Object.values(runs ?? {})) rmSync(folder, { recursive: true });
  });

  it('end as the training script does', () => {
    const codes = Object.entries(runs).map(([name, { code }]) => [name, code]);
    expect(Object.fromEntries(codes)).to.deep.equal({
      slurm: 0,
      slurmFailing: 3,
      mpi: 0,
      mpiFailing: 4,
    });
  });

  it('leave no process and no file behind', () => {
    for (const { left, folder } of Object.values(runs)) {
      expect(left).to.deep.equal([]);
      expect(readdirSync(folder).sort()).to.deep.equal(['bin', 'notes', 'train.cjs']);
    }
  });

  it('start services again that failed, and a training script that was killed but not one that failed', () => {
    for (const { output } of Object.values(runs)) {
      expect(output).to.include('supervise.sh: tenon worker ended with 7 and is started again');
      expect(output).to.match(
        /supervise\.sh: tenon master --state \S+ ended with 7 and is started again/,
      );
    }
    const starts = Object.values(runs).map(({ output }) => output.match(/^trains .*$/gm));
    expect(starts).to.deep.equal([
      ['trains 0 well'],
      ['trains 3 well'],
      ['trains 0 killed', 'trains 0 killed'],
      ['trains 4 well'],
    ]);
  });

  it('start the master at the chief and workers elsewhere, with the same cluster and a token of the run', () => {
    const tokens = Object.values(runs).map(({ ranks }) => {
      const found = ranks.map(({ environment }) => resolveCluster(environment, { hostname: 'n' }));
      const cluster = found[0]?.cluster ?? {};
      expect(found.map((one) => one?.cluster)).to.deep.equal(found.map(() => cluster));
      expect(found.map((one) => one?.task)).to.deep.equal(tasksOf(cluster));
      expect(found[0]?.task).to.deep.equal(chiefOf(cluster));
      expect(ranks.map(({ command }) => command)).to.deep.equal([
        'master',
        ...Array.from({ length: 6 }, () => 'worker'),
      ]);
      const told = new Set(ranks.map(({ environment }) => environment.TENON_TOKEN));
      expect([...told].map((token) => token?.length)).to.deep.equal([64]);
      return [...told][0];
    });
    expect(new Set(tokens).size).to.equal(tokens.length);
  });

  it('give a Slurm job the hosts of its step and ports of its own', () => {
    const [{ environment = {} } = {}] = runs.slurm.ranks;
    const port = 16_384 + 77 * 64;
    expect(resolveCluster(environment)?.cluster).to.deep.equal({
      chief: [`n01:${port}`],
      ps: [`n01:${port + 1}`, `n02:${port}`],
      worker: [`n02:${port + 1}`, `n03:${port}`, `n03:${port + 1}`, `n04:${port}`],
    });
    expect([runs.slurm.note('srun'), runs.slurm.note('scancel')]).to.deep.equal([
      '--kill-on-bad-exit=0\n--distribution=block\n',
      '--signal=TERM 77.0\n',
    ]);
  });

  it('ask Slurm for as many tasks as Kubernetes has pods', () => {
    const text = readFileSync(slurmScript, 'utf8');
    expect(/^#SBATCH --ntasks=(\d+)$/m.exec(text)?.[1]).to.equal('7');
  });

  it('give the processes of mpirun the hosts of its list', () => {
    const [{ environment = {} } = {}] = runs.mpi.ranks;
    expect(resolveCluster(environment)?.cluster).to.deep.equal({
      chief: ['a:2222'],
      ps: ['a:2223', 'a:2224'],
      worker: ['a:2225', 'b:2222', 'b:2223', 'b:2224'],
    });
    expect(runs.mpi.note('mpirun')).to.equal('--map-by slot\n--host a:4,b:3\n');
  });
});
