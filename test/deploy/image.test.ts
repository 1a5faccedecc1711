import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';

const deploy = join(repositoryRoot, 'deploy');
const dockerfile = readFileSync(join(deploy, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');

/** Every file below a folder, as one text. */
function textOf(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

describe('the image', () => {
  it('copies files that are there, and all scripts that tasks run', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, sources = '']) => sources.split(/\s+/),
    );
    expect(copied.filter((path) => !existsSync(join(repositoryRoot, path)))).to.deep.equal([]);
    const scripts = readdirSync(deploy).filter((name) => name.endsWith('.sh'));
    expect(copied).to.include.members(scripts.map((name) => `deploy/${name}`));
  });

  it('puts the command of the packages on the path, and runs as a user without rights', () => {
    const { bin } = JSON.parse(
      readFileSync(join(repositoryRoot, 'packages/cli/package.json'), 'utf8'),
    ) as { bin: Record<string, string> };
    expect(dockerfile).to.include(join('packages/cli', bin.tenon ?? ''));
    expect(dockerfile).to.match(/^USER 1000$/m);
  });
});

describe('deploy/README.md', () => {
  it('says what each variable of ours means, and nothing of others', () => {
    const page = readFileSync(join(deploy, 'README.md'), 'utf8');
    const names = (text: string) => [...new Set(text.match(/\bTENON_[A-Z_]+\b/g))].sort();
    const read = names(textOf(join(repositoryRoot, 'packages/distributed/src/cluster')));
    expect(names(page)).to.include.members(read);
    const meanings = page.slice(page.indexOf('| Variable | Meaning |'));
    const launching = ['TENON_RESTARTS', 'TENON_STATUS_FILE'];
    expect(names(meanings)).to.deep.equal([...read, ...launching].sort());
  });
});
