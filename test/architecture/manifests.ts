import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { repositoryRoot, type SourceFile } from './source-tree.js';

/** The part of a package.json that the tests read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The manifest of every workspace package, keyed by its folder's name. */
export function readManifests(): Map<string, Manifest> {
  const folder = join(repositoryRoot, 'packages');
  return new Map(
    readdirSync(folder).map((name) => {
      const text = readFileSync(join(folder, name, 'package.json'), 'utf8');
      return [name, JSON.parse(text) as Manifest] as const;
    }),
  );
}

/** Where the packages a `src` imports and the dependencies its manifest declares differ. */
export function dependencyMismatches(
  folder: string,
  manifest: Manifest,
  files: readonly SourceFile[],
): string[] {
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  const used = new Set(
    files
      .filter(({ path }) => path.startsWith(`packages/${folder}/src/`))
      .flatMap(({ imports }) => imports.map(({ specifier }) => packageName(specifier)))
      .filter((name) => name !== undefined),
  );
  return [
    ...[...used]
      .filter((name) => !declared.has(name))
      .map((name) => `${manifest.name} imports ${name} but does not declare it.`),
    ...[...declared]
      .filter((name) => !used.has(name))
      .map((name) => `${manifest.name} declares ${name} but never imports it.`),
  ];
}

function packageName(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  if (builtinModules.includes(specifier)) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
