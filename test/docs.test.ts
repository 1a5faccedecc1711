import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { stalePages } from '../scripts/docs.js';
import { repositoryRoot } from './architecture/source-tree.js';
import { execute, type Outcomes } from './docs/execute.js';
import { modulesOf, pages, text } from './docs/pages.js';

describe('docs', function () {
  this.timeout(120_000);
  const modules = pages().flatMap((path) => modulesOf(path, text(path) ?? ''));
  const broken = {
    place: 'a page that is wrong',
    code: "const n: number = 'text';\nthrow new Error('as it should: ' + n);",
  };
  let outcomes: Outcomes;

  before(async () => {
    outcomes = await execute([...modules, broken]);
  });

  for (const { place } of modules) {
    it(`the code of ${place} compiles and runs`, () => {
      expect(outcomes.get(place)).to.eql({ error: '', types: '' });
    });
  }

  it('code that throws or has wrong types is found', () => {
    const { error, types } = outcomes.get(broken.place) ?? { error: '', types: '' };
    expect(error).to.contain('as it should');
    expect(types).to.contain('TS2322');
  });

  it('blocks of a page are modules of their own unless they continue the one before', () => {
    const page = '# A\n```ts\na\n```\n```sh\nb\n```\n```ts continued\nc\n```\n```ts\nd\n```\n';
    expect(modulesOf('a.md', page)).to.eql([
      { place: 'a.md:2', code: 'a\nc\n' },
      { place: 'a.md:11', code: 'd\n' },
    ]);
  });

  it('the generated reference is what the source says', () => {
    expect(stalePages(), 'run npm run docs').to.eql([]);
  });

  it('links between pages lead to files', () => {
    const lost = [...pages(), 'CONTRIBUTING.md', 'CHANGELOG.md'].flatMap((path) =>
      [...(text(path) ?? '').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .filter(([, link = '']) => !existsSync(join(repositoryRoot, dirname(path), link)))
        .map(([, link]) => `${path}: ${link}`),
    );
    expect(lost).to.eql([]);
  });

  it('the map in ARCHITECTURE.md names every package and every folder of core and wasm', () => {
    const folders = ['packages', 'packages/core/src', 'packages/wasm/src'].flatMap((path) =>
      readdirSync(join(repositoryRoot, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => (path === 'packages' ? `\n  ${name} ` : `\`${name}/\``)),
    );
    const map = text('ARCHITECTURE.md') ?? '';
    expect(folders.filter((name) => !map.includes(name))).to.eql([]);
  });

  it('the guides to ops and layers fit on one page', () => {
    for (const path of ['docs/how-to/add-an-op.md', 'docs/how-to/add-a-layer.md']) {
      expect(text(path)?.split('\n').length, path).to.be.within(20, 100);
    }
  });
});
