import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromSource } from '../../../test/run-source.js';
import { run } from '../src/run.js';

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
  { nodeOptions = [] }: { nodeOptions?: string[] } = {},
): Promise<Ended> {
  const node = [...fromSource, ...nodeOptions, main, ...args];
  const { NODE_OPTIONS: _, TENON_STACK: __, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      node,
      { cwd: root, env: { ...inherited, NO_COLOR: '1' } },
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

/** As `tenon`, with the URLs of the modules that were loaded. */
export async function tenonWithModules(args: readonly string[]) {
  const ended = await tenon(args, { nodeOptions: ['--import', inData(register)] });
  const modules = [...ended.stderr.matchAll(/^loaded (.+)$/gm)].map(([, url = '']) => url);
  return { ...ended, modules };
}

/** Runs a command line in this process, which is faster, and tells what it would have printed. */
export async function inProcess(args: readonly string[]): Promise<Ended> {
  const printed = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const originals = streams.map((name) => process[name].write);
  for (const name of streams) {
    process[name].write = (text: string | Uint8Array) => {
      printed[name] += text;
      return true;
    };
  }
  try {
    const code = await run(args);
    return { code, ...printed };
  } finally {
    for (const [i, name] of streams.entries()) process[name].write = originals[i] as never;
  }
}

/** A command that goes on until it is asked to end. */
export interface Serving {
  /** The first that it printed. */
  readonly line: string;
  /** Asks it to end; its exit status. */
  end(): Promise<number | null>;
}

/** Starts a command that goes on, in a process of its own with some variables, and waits for its first line. */
export async function started(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Serving> {
  const node = [...fromSource, main, ...args];
  const child = spawn(process.execPath, node, { cwd: root, env: { ...process.env, ...variables } });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.stderr.once('data', (text) => reject(new Error(String(text))));
  });
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { line, end };
}

/** The same in this process, which is faster. It is asked to end as a signal would. */
export async function serving(args: readonly string[]): Promise<Serving> {
  const { log } = console;
  let ended: Promise<number> | undefined;
  const line = await new Promise<string>((resolve, reject) => {
    console.log = resolve;
    ended = run(args);
    ended.then((code) => reject(new Error(`it ended with ${code}`)), reject);
  }).finally(() => {
    console.log = log;
  });
  const end = () => {
    process.emit('SIGTERM');
    return ended as Promise<number>;
  };
  return { line, end };
}
