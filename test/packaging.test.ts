import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { transform } from 'esbuild';
import { repositoryRoot } from './architecture/source-tree.js';
import * as packaging from './packaging/tarballs.js';

/** An example that needs nothing but public packages and prints how well it did. */
const example = 'examples/linear-regression.ts';

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

  it('an example runs from the tarballs and a strict TypeScript project compiles it', async () => {
    const folder = await install('tenon', '@tenon/core');
    const source = await readFile(join(repositoryRoot, example), 'utf8');
    const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'es2022' });
    await writeFile(join(folder, 'example.mjs'), code);
    const printed = await packaging.run(folder, process.execPath, 'example.mjs');
    expect(printed.trim()).to.not.equal('');

    await writeFile(join(folder, 'example.ts'), source);
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022' };
    const typeRoots = [join(repositoryRoot, 'node_modules/@types')];
    const config = { compilerOptions: { ...options, typeRoots, types: ['node'] } };
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ ...config, files: ['example.ts'] }),
    );
    await packaging.run(folder, join(repositoryRoot, 'node_modules/.bin/tsc'), '-p', '.');
  });
});
