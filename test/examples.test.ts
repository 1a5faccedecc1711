import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSources, repositoryRoot } from './architecture/source-tree.js';
import { runSource } from './run-source.js';

interface Example {
  readonly file: string;
  readonly does: string;
  readonly args?: (folder: string) => readonly string[];
  /** What starts it; it is run by itself when left out. */
  readonly starter?: readonly string[];
  readonly prints: (output: string) => void;
}

const numberAfter = (output: string, label: RegExp): number =>
  Number(new RegExp(`${label.source}\\s*([\\d.]+)`).exec(output)?.[1]);

const examples: readonly Example[] = [
  {
    file: 'linear-regression.ts',
    does: 'finds the weights and the bias of the plane',
    prints(output) {
      expect(output).to.contain('weights 2.000, -3.000, 0.500').and.contain('bias    1.000');
    },
  },
  {
    file: 'two-inputs.ts',
    does: 'tells pairs of one source from others',
    prints(output) {
      expect(output).to.contain('encoder (Dense)');
      expect(numberAfter(output, /test accuracy:/)).to.be.within(0.95, 1);
    },
  },
  {
    file: 'custom-op.ts',
    does: 'learns the ring through three ops of its own',
    prints(output) {
      const losses = [/before: loss/, /after: {2}loss/].map((label) => numberAfter(output, label));
      expect(losses[1]).to.be.lessThan((losses[0] ?? 0) / 3);
    },
  },
  {
    file: 'digits.ts',
    does: 'trains, saves, loads and draws digits with their readings',
    args: (folder) => ['--limit', '1500', '--epochs', '5', '--save', join(folder, 'digits')],
    prints(output) {
      expect(numberAfter(output, /test accuracy/)).to.be.within(80, 100);
      expect(output).to.contain('all predictions are exactly the same');
      expect(output.match(/reads \d \(\d/g)).to.have.length(6);
      expect(output).to.contain('█');
    },
  },
  {
    file: 'train-on-a-cluster.ts',
    does: 'learns the digits by replicas in processes of their own',
    starter: ['packages/cli/src/main.ts', 'cluster', '--workers', '2', '--ps', '1', '--'],
    args: () => ['--limit', '1500', '--epochs', '3'],
    prints(output) {
      expect(numberAfter(output, /sync: test accuracy/)).to.be.within(80, 100);
    },
  },
];

describe('examples', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenon-examples-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const { file, does, args, starter = [], prints } of examples) {
    it(`${file} ${does}`, async function () {
      this.timeout(120_000);
      const [first, ...others] = [...starter, `examples/${file}`, ...(args?.(folder) ?? [])];
      const ended = await runSource(first as string, others);
      expect(ended.code, ended.stderr).to.equal(0);
      prints(ended.stdout);
    });
  }

  it('every example is run here', async () => {
    const files = (await readdir(join(repositoryRoot, 'examples'))).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.sort()).to.eql(examples.map(({ file }) => file).sort());
  });

  it('examples import public packages only', () => {
    const foreign = readSources(['examples']).flatMap(({ path, imports }) =>
      imports
        .filter(
          ({ specifier }) => !/^(node:.+|tenon|@tenon\/(core|distributed)|zod)$/.test(specifier),
        )
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(foreign).to.eql([]);
  });
});
