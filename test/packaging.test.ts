import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { transform } from 'esbuild';
import { repositoryRoot } from './architecture/source-tree.js';
import * as packaging from './packaging/tarballs.js';

/** Examples that need nothing but public packages: of the engine alone, and of the umbrella with its default device. */
const examples = ['linear-regression.ts', 'two-inputs.ts'];

/** Trains on the WebAssembly device, on several threads, and ends although their workers are still there. */
const trainsOnWasm = `
  import { assign, gradients, matMul, mean, Session, square, sub, mul, variable } from '@tenon/core';
  import { wasm } from '@tenon/wasm';
  const x = Array.from({ length: 64 }, (_, i) => Array.from({ length: 32 }, (_, j) => Math.sin(7 * i + j)));
  const truth = Array.from({ length: 32 }, (_, j) => [j % 3]);
  const w = variable(new Float32Array(32).fill(1), { shape: [32, 1] });
  const loss = mean(square(sub(matMul(x, w), matMul(x, truth))));
  const step = assign(w, sub(w, mul(gradients(loss, [w])[0], 0.1)));
  const session = new Session({ devices: [wasm({ threads: 2 })] });
  const losses = [];
  for (let i = 0; i < 20; i++) losses.push((await session.run({ loss, step })).loss.item());
  console.log(JSON.stringify(losses));
`;

describe('packaging', () => {
  let tarballs: ReadonlyMap<string, packaging.Tarball>;
  const folders: string[] = [];

  async function install(...names: string[]): Promise<string> {
    const folder = await packaging.installed(tarballs, names);
    folders.push(folder);
    return folder;
  }

  function packed(name: string): packaging.Tarball {
    const tarball = tarballs.get(name);
    if (!tarball) throw new Error(`${name} was not packed`);
    return tarball;
  }

  before(async () => {
    const destination = await packaging.emptyFolder();
    folders.push(destination);
    tarballs = await packaging.packAll(destination);
  });

  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  for (const [name, { manifest }] of packaging.publicManifests()) {
    it(`${name} packs its build, the sources its maps point at, README and LICENSE alone`, () => {
      const { files } = packed(name);
      const expected = ['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/index.js', 'package.json'];
      expect(files).to.include.members([...expected, 'dist/index.d.ts.map', 'src/index.ts']);
      const stray = files.filter(
        (path) => !expected.includes(path) && !/^(dist|src)\/.+\.(js|ts|map|proto)$/.test(path),
      );
      expect(stray).to.eql([]);
      const stale = files.filter((path) => {
        const source = /^dist\/(.+?)(\.d)?\.(js|ts)(\.map)?$/.exec(path)?.[1];
        return source !== undefined && !files.includes(`src/${source}.ts`);
      });
      expect(stale, 'built files whose source is gone; remove dist').to.eql([]);
    });

    it(`${name} carries the repository's licence`, () => {
      const license = (folder: string) => readFileSync(join(folder, 'LICENSE'), 'utf8');
      const { folder } = packed(name);
      expect(license(join(repositoryRoot, 'packages', folder))).to.equal(license(repositoryRoot));
    });

    it(`${name} installs and imports alone in an empty folder`, async () => {
      const folder = await install(name);
      const script = `console.log(Object.keys(await import('${name}')).length)`;
      const exported = await packaging.run(
        folder,
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      );
      expect(Number(exported)).to.be.greaterThan(0);
      for (const command of Object.keys(manifest.bin ?? {})) {
        const help = await packaging.run(folder, join('node_modules/.bin', command), '--help');
        expect(help).to.match(new RegExp(`Usage: ${command}`));
      }
    });
  }

  it('@tenon/wasm trains in an empty folder, with what it brings along', async () => {
    const folder = await install('@tenon/wasm');
    await writeFile(join(folder, 'train.mjs'), trainsOnWasm);
    const losses = JSON.parse(
      await packaging.run(folder, process.execPath, 'train.mjs'),
    ) as number[];
    expect(losses.at(-1)).to.be.lessThan((losses[0] ?? 0) / 2);
  });

  it('@tenon/distributed trains on threads in an empty folder, which end with the script', async () => {
    const folder = await install('@tenon/distributed', '@tenon/layers', '@tenon/core');
    const script = join(repositoryRoot, 'test/cluster/script-that-closes-nothing.ts');
    const source = await readFile(script, 'utf8');
    const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'es2022' });
    await writeFile(join(folder, 'train.mjs'), code);
    const printed = await packaging.run(folder, process.execPath, 'train.mjs');
    expect(JSON.parse(printed)).to.deep.equal([
      [2, 3],
      [0, 0],
    ]);
  });

  it('examples run from the tarballs, on WebAssembly, and a strict TypeScript project compiles them', async () => {
    const folder = await install('tenon', '@tenon/core');
    const devices = "import * as tn from 'tenon'; console.log(tn.defaultDevices()[0].name);";
    await writeFile(join(folder, 'devices.mjs'), devices);
    const device = await packaging.run(folder, process.execPath, 'devices.mjs');
    expect(device.trim()).to.equal('wasm:0');
    for (const example of examples) {
      const source = await readFile(join(repositoryRoot, 'examples', example), 'utf8');
      const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'es2022' });
      await writeFile(join(folder, 'example.mjs'), code);
      const printed = await packaging.run(folder, process.execPath, 'example.mjs');
      expect(printed.trim(), example).to.not.equal('');
      await writeFile(join(folder, example), source);
    }
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022' };
    const typeRoots = [join(repositoryRoot, 'node_modules/@types')];
    const config = { compilerOptions: { ...options, typeRoots, types: ['node'] } };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, files: examples }));
    await packaging.run(folder, join(repositoryRoot, 'node_modules/.bin/tsc'), '-p', '.');
  });
});
