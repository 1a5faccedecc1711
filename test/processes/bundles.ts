import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from '../architecture/source-tree.js';

/** Programs that tests start in processes of their own, and the devices that some of them are told to load. */
const programs = [
  'packages/cli/src/commands/task-devices.ts',
  'packages/distributed/src/launch/*-entry.ts',
  'packages/distributed/src/replicas/processes/*-process.ts',
  'packages/distributed/src/replicas/threads/*-thread.ts',
  'packages/distributed/test/**/*-devices.ts',
  'packages/distributed/test/**/*-program.ts',
];

// Packages that are not modules ask for those of Node by `require`.
const banner =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** Bundles the programs once for all files of tests, as `loader.mjs` finds them. */
export async function mochaGlobalSetup(): Promise<void> {
  const outdir = await mkdtemp(join(tmpdir(), 'tenon-test-bundles-'));
  await build({
    absWorkingDir: repositoryRoot,
    entryPoints: programs,
    outbase: '.',
    splitting: true,
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@tenon/source'],
    banner: { js: banner },
    logLevel: 'error',
  });
  await writeFile(join(outdir, 'package.json'), '{ "type": "module" }');
  process.env.TENON_TEST_BUNDLES = outdir;
}

export async function mochaGlobalTeardown(): Promise<void> {
  await rm(process.env.TENON_TEST_BUNDLES as string, { recursive: true, force: true });
}
