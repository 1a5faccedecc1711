import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { repositoryRoot } from '../architecture/source-tree.js';

/** The suite and all that it uses as one script for browsers. */
export async function bundleSuite(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ['test/browser/suite.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'chrome114',
    conditions: ['@tenon/source'],
    external: ['node:*'],
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** Mocha for browsers, as its package has it. */
export const mochaScript = (): Promise<string> =>
  readFile(createRequire(import.meta.url).resolve('mocha/mocha.js'), 'utf8');
