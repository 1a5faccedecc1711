import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const source = new URL('../../src/', import.meta.url);

/** Files of which the rest of the engine is made; what they need of an op they read from its definition. */
const sharedFiles = ['passes', 'placement', 'runtime', 'lower'].flatMap((folder) =>
  readdirSync(new URL(folder, source), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);

const opImports = (text: string): string[] =>
  [...text.matchAll(/from\s+'([^']*\/ops\/[^']*)'/g)].map(([, path]) => path as string);

/** Comparisons of an op with a name: `op.name === 'matMul'`. */
const nameTests = (text: string): string[] =>
  text.match(/op\.name\s*[!=]==?\s*'[^']*'|case '\w+':\s*\/\/ op/g) ?? [];

describe('passes, placement, lowering and runtime', () => {
  it('import no op and ask no op for its name', () => {
    const found = sharedFiles.flatMap((name) => {
      const text = readFileSync(new URL(name, source), 'utf8');
      return [...opImports(text), ...nameTests(text)].map((what) => `${name}: ${what}`);
    });
    expect([sharedFiles.length > 15, found]).to.deep.equal([true, []]);
  });

  it('would be caught doing so', () => {
    const broken =
      "import { add } from '../ops/arithmetic/add.js';\nif (node.op.name === 'add') {}";
    expect([opImports(broken), nameTests(broken)]).to.deep.equal([
      ['../ops/arithmetic/add.js'],
      ["op.name === 'add'"],
    ]);
  });
});
