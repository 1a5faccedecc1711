import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';

const deploy = join(repositoryRoot, 'deploy');
const dockerfile = readFileSync(join(deploy, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');

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
