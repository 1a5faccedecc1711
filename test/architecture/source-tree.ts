import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How an import reaches its target: `type` is erased, `dynamic` runs later, `static` runs at load. */
export type ImportKind = 'static' | 'type' | 'dynamic';

export interface Import {
  readonly specifier: string;
  readonly kind: ImportKind;
}

/** One source file; `path` is relative to the repository root and uses `/`. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly generated: boolean;
  readonly imports: readonly Import[];
}

export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const skippedFolders = new Set(['node_modules', 'dist', 'coverage']);
const sourceExtensions = /\.(ts|mts|cts|js|mjs|cjs)$/;

/** Every source file of the repository below the given top-level folders. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => listFiles(join(repositoryRoot, folder))).map(readSource);
}

/** What the rules need to know of a file with this text. */
export function sourceFile(path: string, text: string): SourceFile {
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    generated: path.split('/').includes('gen') || /^\/\/ @generated\b/m.test(text),
    imports: readImports(text),
  };
}

/** The file a relative import means, from the importing file's path; undefined for packages. */
export function relativeTarget(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

function readSource(file: string): SourceFile {
  const path = relative(repositoryRoot, file).split(sep).join('/');
  return sourceFile(path, readFileSync(file, 'utf8'));
}

function listFiles(folder: string): string[] {
  let entries: ReturnType<typeof readFolder>;
  try {
    entries = readFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // benchmarks/ may not exist yet
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : listFiles(path);
    return sourceExtensions.test(entry.name) ? [path] : [];
  });
}

function readFolder(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

const fromClause =
  /^[ \t]*(?:import|export)(?<type>\s+type\b(?!\s*(?:,|from\b)))?\s[^;'"`()=]*?\bfrom\s*['"](?<name>[^'"]+)['"]/gm;
const sideEffect = /^[ \t]*import\s*['"](?<name>[^'"]+)['"]/gm;
const call = /\bimport\s*\(\s*['"](?<name>[^'"]+)['"]\s*\)(?<member>\s*\.\s*[A-Z])?/g;

function readImports(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^[ \t]*\/\/.*$/gm, '');
  const found: Import[] = [];
  const add = (pattern: RegExp, kindOf: (groups: Record<string, string>) => ImportKind) => {
    for (const { groups } of code.matchAll(pattern)) {
      found.push({ specifier: groups?.name ?? '', kind: kindOf(groups ?? {}) });
    }
  };
  add(fromClause, ({ type }) => (type ? 'type' : 'static'));
  add(sideEffect, () => 'static');
  add(call, ({ member }) => (member ? 'type' : 'dynamic')); // import('x').Name is a type query
  return found;
}
