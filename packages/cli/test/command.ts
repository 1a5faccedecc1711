import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Where the packages are installed, so that Node finds its loader there. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command from source in a process of its own. */
export function tenon(
  args: readonly string[],
  { nodeOptions = [], env = {} }: { nodeOptions?: string[]; env?: Record<string, string> } = {},
): Promise<Ended> {
  const node = ['--conditions=@tenon/source', '--import', 'tsx', ...nodeOptions, main, ...args];
  const { NODE_OPTIONS: _, TENON_STACK: __, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      node,
      { cwd: root, env: { ...inherited, NO_COLOR: '1', ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const hook = `
import { writeSync } from 'node:fs';
export async function load(url, context, next) {
  writeSync(2, 'loaded ' + url + '\\n');
  return next(url, context);
}`;
const inData = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const register = `import { register } from 'node:module'; register(${JSON.stringify(inData(hook))});`;

/** URLs of the modules that a command line loads. */
export async function loadedModules(args: readonly string[]): Promise<string[]> {
  const { stderr } = await tenon(args, { nodeOptions: ['--import', inData(register)] });
  return [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, url = '']) => url);
}
