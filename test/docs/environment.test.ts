import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';

/** Names that are no variables: the code of a warning. */
const others = new Set(['TENON_CHECKPOINT_SKIPPED']);

/** The variables of ours that a text speaks of. */
const variablesIn = (text: string): string[] =>
  [...new Set(text.match(/\bTENON_[A-Z_]*[A-Z]\b/g))].filter((name) => !others.has(name)).sort();

/** Every file below a folder, as one text. */
const textOf = (folder: string): string =>
  readdirSync(join(repositoryRoot, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

const page = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

describe('docs/reference/environment.md', () => {
  // What is private has variables of its own for tests.
  const packages = readdirSync(join(repositoryRoot, 'packages'))
    .filter((name) => name !== 'conformance')
    .map((name) => `packages/${name}/src`);
  const used = variablesIn([...packages, 'deploy'].map(textOf).join('\n'));

  it('says once what each variable that packages and launch scripts use means, and nothing of others', () => {
    const rows = page('docs/reference/environment.md').match(/^\| `TENON_[^|]*\|/gm) ?? [];
    const named = rows.flatMap((row) => row.match(/TENON_[A-Z_]+/g) ?? []);
    expect(named.sort()).to.deep.equal(used);
  });

  it('has what the guide and the files of deploy/ speak of', () => {
    for (const path of ['docs/how-to/train-on-a-cluster.md', 'deploy/README.md']) {
      expect(used).to.include.members(variablesIn(page(path)));
    }
  });
});
