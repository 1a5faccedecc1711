import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { repositoryRoot } from './architecture/source-tree.js';

const execute = promisify(execFile);

/** Options of Node with which it runs a file of the repository from source. */
export const fromSource = ['--conditions=@tenon/source', '--import', './test/processes/loader.mjs'];

/** What a process printed and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a TypeScript file of the repository from source, in a process of its own. */
export async function runSource(file: string, args: readonly string[] = []): Promise<Ended> {
  const node = [...fromSource, file, ...args];
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  // Reporters and limits of the tests must not reach what is tested.
  for (const name of ['NODE_OPTIONS', 'TENON_STACK', 'TENON_LIMIT']) delete env[name];
  try {
    const { stdout, stderr } = await execute(process.execPath, node, { cwd: repositoryRoot, env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
