import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Manifest, readManifests } from '../architecture/manifests.js';
import { repositoryRoot } from '../architecture/source-tree.js';

const execute = promisify(execFile);

/** A public package as a user gets it. */
export interface Tarball {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Absolute path of the .tgz. */
  readonly path: string;
  /** Paths of the files it holds, relative to the package. */
  readonly files: readonly string[];
}

/** Runs a program and returns what it printed; a failure carries both of its outputs. */
export async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env };
  delete env.NODE_OPTIONS; // the condition that selects sources must not reach an installed package
  try {
    return (await execute(program, args, { cwd, env, maxBuffer: 64 << 20 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}\n${stdout}\n${stderr}`);
  }
}

export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tenon-packaging-'));
}

/** The packages that users install, keyed by name. */
export function publicManifests(): Map<string, { folder: string; manifest: Manifest }> {
  return new Map(
    [...readManifests()]
      .filter(([, manifest]) => !manifest.private)
      .map(([folder, manifest]) => [manifest.name, { folder, manifest }]),
  );
}

/** Builds all packages and packs the public ones into `destination`, keyed by name. */
export async function packAll(destination: string): Promise<Map<string, Tarball>> {
  await run(repositoryRoot, 'npm', 'run', 'build');
  const tarballs = new Map<string, Tarball>();
  for (const [name, { folder, manifest }] of publicManifests()) {
    const args = ['pack', '--json', '--pack-destination', destination, '--workspace', name];
    const [packed] = packResult(await run(repositoryRoot, 'npm', ...args));
    if (!packed) throw new Error(`npm pack reported nothing for ${name}`);
    const files = packed.files.map((file) => file.path);
    tarballs.set(name, { folder, manifest, path: join(destination, packed.filename), files });
  }
  return tarballs;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

// npm prints an array; its newest majors print a record keyed by package name.
function packResult(json: string): readonly Packed[] {
  const result = JSON.parse(json) as readonly Packed[] | Readonly<Record<string, Packed>>;
  return Object.values(result);
}

/** An empty project with the named packages, and the packages of ours they need, from tarballs. */
export async function installed(
  tarballs: ReadonlyMap<string, Tarball>,
  names: readonly string[],
): Promise<string> {
  const folder = await emptyFolder();
  const wanted = closure(tarballs, names);
  const source = (name: string) => `file:${tarballs.get(name)?.path}`;
  const project = {
    name: 'user-project',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(names.map((name) => [name, source(name)])),
    overrides: Object.fromEntries(
      wanted.filter((name) => !names.includes(name)).map((name) => [name, source(name)]),
    ),
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund');
  return folder;
}

function closure(tarballs: ReadonlyMap<string, Tarball>, names: readonly string[]): string[] {
  const seen = new Set<string>();
  const add = (name: string) => {
    const tarball = tarballs.get(name);
    if (!tarball || seen.has(name)) return;
    seen.add(name);
    Object.keys(tarball.manifest.dependencies ?? {}).forEach(add);
  };
  names.forEach(add);
  return [...seen];
}
