import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { inProcess, root, tenon, tenonWithModules } from './command.js';

const heavy = /packages\/(core|data|layers|tenon)\/|node_modules\/(zod|rxjs)\//;

describe('tenon', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenon-cli-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A module that may import our packages as a user's would. */
  async function script(name: string, code: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, code);
    return path;
  }

  it('--help names the commands', async () => {
    const { code, stdout } = await tenon(['--help']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^Usage: tenon/);
    for (const command of ['info', 'train', 'explain']) expect(stdout).to.contain(command);
  });

  it('--help loads no part of the engine', async () => {
    const { modules } = await tenonWithModules(['--help']);
    expect(modules.filter((url) => heavy.test(url))).to.eql([]);
    expect(modules.filter((url) => url.includes('/packages/cli/src/'))).to.have.length(3);
  });

  it('--version prints the version of the package', async () => {
    const manifest = fileURLToPath(new URL('../package.json', import.meta.url));
    const { version } = JSON.parse(await readFile(manifest, 'utf8'));
    expect(await tenon(['--version'])).to.eql({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('info loads the engine, and prints versions, threads, devices and ops', async () => {
    const { code, stdout, modules } = await tenonWithModules(['info']);
    expect(code).to.equal(0);
    expect(modules.filter((url) => heavy.test(url)).length).to.be.greaterThan(100);
    expect(stdout).to.match(/^@tenon\/core +\d+\.\d+\.\d+$/m);
    expect(stdout).to.match(/^node +v\d+/m);
    expect(stdout).to.match(/^threads +\d+ available/m);
    expect(stdout).to.match(/^devices +wasm:0 \(at most 4 GiB\)$/m);
    expect(stdout).to.match(/^ops +\d{3}/m);
  });

  it('train digits trains and saves a model, which explain explains', async () => {
    const saved = join(folder, 'digits');
    const sizes = ['--epochs', '1', '--limit', '400', '--batch-size', '50'];
    const trained = await tenon(['train', 'digits', ...sizes, '--save', saved]);
    expect(trained.code, trained.stderr).to.equal(0);
    expect(trained.stdout)
      .to.match(/test accuracy \d+\.\d\d % of 400/)
      .and.contain(saved);
    expect(trained.stderr).to.contain('8/8');

    const { code, stdout, stderr } = await tenon(['explain', saved]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/dense \(Dense\)/);
    expect(stdout).to.match(/gemm .* -> float32\[1, 128\]/);
  });

  it('explain shows the run of what a script exports', async () => {
    const path = await script(
      'graph.mjs',
      `import { matMul, placeholder } from '@tenon/core';
      const x = placeholder({ shape: [null, 3] });
      export const feeds = [[x, [[1, 2, 3]]]];
      export default { y: matMul(x, [[1], [2], [3]]) };`,
    );
    const { code, stdout, stderr } = await tenon(['explain', path]);
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/(wasm|js):0: 1 kernels/)
      .and.match(/gemm matMul -> float32\[1, 1\]/);
  });

  it('explain says what a script should export', async () => {
    const { code, stderr } = await tenon([
      'explain',
      await script('five.mjs', 'export default 5;'),
    ]);
    expect(code).to.equal(1);
    expect(stderr).to.contain('export a tensor').and.contain('(FORMAT_INVALID)');
  });

  for (const stack of [undefined, '1']) {
    it(`an error is its message, ${stack ? 'and its stack with TENON_STACK=1' : 'without a stack'}`, async () => {
      const before = process.env.TENON_STACK;
      Object.assign(process.env, { TENON_STACK: stack ?? '' });
      const ended = await inProcess(['explain', 'nowhere']).finally(() => {
        process.env.TENON_STACK = before ?? '';
      });
      const { code, stdout, stderr } = ended;
      expect({ code, stdout }).to.eql({ code: 1, stdout: '' });
      expect(stderr).to.contain('there is no file or directory').and.contain('(FILE_NOT_FOUND)');
      expect(/^\s+at /m.test(stderr)).to.equal(stack !== undefined);
    });
  }

  for (const [args, start] of [
    [['learn'], tenon],
    [['train', 'digits', '--epochs', 'many'], inProcess],
    [['explain'], inProcess],
    [[], inProcess],
  ] as const) {
    it(`wrong usage ends with 2: tenon ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await start(args);
      expect({ code, stdout }).to.eql({ code: 2, stdout: '' });
      expect(stderr).to.match(/error: |Usage: /);
    });
  }
});
