import { posix } from 'node:path';
import { relativeTarget, type SourceFile } from './source-tree.js';

/** A rule returns one sentence a violation; an empty list means that it holds. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** The arrows of ARCHITECTURE.md: which workspace packages the `src` of each may import. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wasm: ['core'],
  data: ['core'],
  layers: ['core', 'data'],
  distributed: ['core', 'layers'],
  tenon: ['core', 'wasm', 'layers', 'data'],
  cli: ['core', 'wasm', 'layers', 'data', 'distributed', 'tenon'],
  conformance: ['core'],
};

/** Folders where one file is one row of a long table, each with the reason and the most files it may hold. */
export const crowdedFolders: readonly { folder: RegExp; most: number; why: string }[] = [
  { folder: /^packages\/core\/src\/ops\/[a-z-]+$/, most: 30, why: 'one op, one file' },
  {
    folder: /^packages\/(core\/src\/devices\/js|wasm\/src)\/templates$/,
    most: 20,
    why: 'one template, one file',
  },
  { folder: /^packages\/conformance\/src\/ops$/, most: 40, why: 'one table a family of ops' },
];

/** Files that may be longer than `maxLines`: tables of rows, where a line more is a case more. */
const isTable = (path: string) => path.startsWith('packages/conformance/src/ops/');

const maxFiles = 15;
const maxLines = 300;
const maxDepth = 3;
const vagueName = /^(utils?|common|helpers?|misc|types?)$/;

/** The workspace package a specifier names (`@tenon/core/x` and `tenon` too), with the path in it. */
function workspaceImport(specifier: string): { name: string; deep: boolean } | undefined {
  const match = /^(?:@tenon\/(?<scoped>[^/]+)|(?<umbrella>tenon))(?<rest>\/.*)?$/.exec(specifier);
  const name = match?.groups?.scoped ?? match?.groups?.umbrella;
  return name === undefined ? undefined : { name, deep: match?.groups?.rest !== undefined };
}

const packageOf = (path: string) => /^packages\/([^/]+)\//.exec(path)?.[1];
const isSource = (path: string) => /^packages\/[^/]+\/src\//.test(path);

export const followsArrows: Rule = (files) =>
  files
    .filter(({ path }) => isSource(path))
    .flatMap(({ path, imports }) => {
      const owner = packageOf(path) ?? '';
      const allowed = arrows[owner];
      if (!allowed)
        return [`${path}: package ${owner} is not in the table of arrows; add its row.`];
      return imports.flatMap(({ specifier }) => {
        const target = workspaceImport(specifier)?.name;
        if (target === undefined || allowed.includes(target)) return [];
        const may = allowed.length > 0 ? allowed.join(', ') : 'no other package';
        return [`${path} imports ${specifier}, but ${owner} may import ${may}.`];
      });
    });

export const avoidsDeepImports: Rule = (files) =>
  files.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier }) => {
      const target = relativeTarget(path, specifier);
      const crosses =
        target === undefined
          ? workspaceImport(specifier)?.deep
          : packageOf(target) !== undefined && packageOf(target) !== packageOf(path);
      return crosses
        ? [`${path} reaches into another package with '${specifier}'; import the package's name.`]
        : [];
    }),
  );

/** Ops whose gradients are each other import each other; docs/decisions/0001 says why that is safe. */
const mayCycle = (path: string) => path.startsWith('packages/core/src/ops/');

/** Static imports only: type imports are erased, and dynamic ones run after both files have loaded. */
export const hasNoCycles: Rule = (files) => {
  const edges = new Map(files.map((file) => [file.path, staticTargets(file)]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(path)), path];
      if (!cycle.every(mayCycle)) cycles.push(`import cycle: ${cycle.join(' -> ')}`);
    }
    if (state.has(path)) return;
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
};

function staticTargets({ path, imports }: SourceFile): string[] {
  return imports
    .filter(({ kind }) => kind === 'static')
    .map(({ specifier }) => relativeTarget(path, specifier))
    .filter((target) => target !== undefined);
}

export const namesConcepts: Rule = (files) =>
  files.flatMap(({ path }) => {
    const vague = path
      .replace(/(\.d|\.test)?\.[cm]?[jt]s$/, '')
      .split('/')
      .find((part) => vagueName.test(part));
    return vague ? [`${path}: '${vague}' says nothing; name the concept it holds.`] : [];
  });

const mostFiles = (path: string) =>
  crowdedFolders.find(({ folder }) => folder.test(path))?.most ?? maxFiles;

export const keepsFoldersSmall: Rule = (files) => {
  const counts = new Map<string, number>();
  for (const { path, generated } of files) {
    const folder = posix.dirname(path);
    if (isSource(path) && !generated) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > mostFiles(folder))
    .map(
      ([folder, n]) =>
        `${folder} holds ${n} files, the most is ${mostFiles(folder)}; cut it by concept.`,
    );
};

export const staysShallow: Rule = (files) =>
  files.flatMap(({ path }) => {
    const depth = isSource(path) ? path.split('/').length - 4 : 0; // packages/<name>/src/.../file
    return depth > maxDepth
      ? [`${path} lies ${depth} folders below src, the most is ${maxDepth}.`]
      : [];
  });

export const keepsFilesShort: Rule = (files) =>
  files
    .filter(({ path, lines, generated }) => lines > maxLines && !generated && !isTable(path))
    .map(({ path, lines }) => `${path} has ${lines} lines, the most is ${maxLines}; split it.`);
