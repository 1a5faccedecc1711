import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../architecture/source-tree.js';

/** TypeScript of a page that runs as one module. */
export interface CodeModule {
  /** Page and line of the first block: `README.md:12`. */
  readonly place: string;
  readonly code: string;
}

const fence = /^```(ts|typescript)( continued)?\n([\s\S]*?)^```$/gm;

/** Modules of a page: a block marked `ts continued` goes on with the block before it. */
export function modulesOf(path: string, text: string): CodeModule[] {
  const modules: { place: string; code: string }[] = [];
  for (const match of text.matchAll(fence)) {
    const [, , continued, code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const last = modules.at(-1);
    if (continued && last) last.code += code;
    else modules.push({ place: `${path}:${line}`, code });
  }
  return modules;
}

/** All Markdown pages that users read: the README files and docs/. */
export function pages(): string[] {
  const packages = readdirSync(join(repositoryRoot, 'packages')).map(
    (name) => `packages/${name}/README.md`,
  );
  const docs = readdirSync(join(repositoryRoot, 'docs'), { recursive: true, encoding: 'utf8' });
  const all = [
    'README.md',
    'ARCHITECTURE.md',
    'deploy/README.md',
    ...packages,
    ...docs.map((path) => `docs/${path}`),
  ];
  return all.filter((path) => path.endsWith('.md') && text(path) !== undefined);
}

/** The text of a page, or undefined where there is none. */
export function text(path: string): string | undefined {
  try {
    return readFileSync(join(repositoryRoot, path), 'utf8');
  } catch {
    return undefined;
  }
}
