import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('peers/', import.meta.url));
const python = '/usr/bin/python3';

/** What one process measured, in milliseconds; `error` where it can not do the case. */
export interface Line {
  readonly peer: string;
  readonly case: string;
  readonly threads: number;
  /** The fastest training step. */
  readonly train_ms?: number;
  readonly train_median_ms?: number | null;
  readonly infer_ms?: number | null;
  readonly compile_ms?: number | null;
  readonly first_step_ms?: number | null;
  readonly peak_mb?: number | null;
  readonly setting?: string;
  readonly error?: string;
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where a peer has several ways to run, which this is. */
  readonly setting?: string;
}

interface Running {
  readonly threads: number;
  readonly seconds: number;
}

/** Something that is measured. */
export interface Peer {
  readonly name: string;
  /** What must be installed first, or undefined. */
  missing(): Promise<string | undefined>;
  /** The ways to run a case; the best of them counts. */
  commands(name: string, running: Running): readonly Command[];
}

/** Arguments of Node that run a script of ours from source. */
export const fromSource = ['--import', 'tsx', '--conditions=@tenon/source'] as const;

export const threadsOf = (count: number) => (count === 1 ? '1 thread' : `${count} threads`);

const ours = (name: string, kind: string): Peer => ({
  name,
  missing: async () => undefined,
  commands: (model, { threads, seconds }) => [
    {
      file: process.execPath,
      args: [...fromSource, `${folder}tenon.ts`, model, `${threads}`, `${seconds}`, kind],
    },
  ],
});

const fromNpm = (
  name: string,
  { script, args, needs }: { script: string; args: string[]; needs: string },
): Peer => ({
  name,
  missing: async () =>
    existsSync(`${folder}node_modules/${needs}`) ? undefined : `npm package ${needs}`,
  commands: (model, { threads, seconds }) => [
    {
      file: process.execPath,
      args: [`${folder}${script}`, model, `${threads}`, `${seconds}`, ...args],
    },
  ],
});

const torch: Peer = {
  name: 'torch',
  missing: () =>
    run(python, ['-c', 'import torch']).then(
      () => undefined,
      () => 'Debian package python3-torch',
    ),
  commands(model, { threads, seconds }) {
    const command = (count: number, env: Record<string, string> = {}): Command => ({
      file: python,
      args: [`${folder}torch_case.py`, model, `${count}`, `${seconds}`],
      env,
      setting: `${threadsOf(count)}${env.OPENBLAS_NUM_THREADS ? ', OpenBLAS 1' : ''}`,
    });
    if (threads === 1) return [command(1)];
    return [command(1), command(threads), command(threads, { OPENBLAS_NUM_THREADS: '1' })];
  },
};

/** GFLOP/s of PyTorch's square products on one thread: the widest vectors of the machine, which WebAssembly has not. */
export const torchProducts = (sizes: readonly number[]): Command => ({
  file: python,
  args: [`${folder}torch_gemm.py`, ...sizes.map(String)],
});

export const peers: Readonly<Record<string, Peer>> = {
  tenon: ours('tenon', 'wasm'),
  'tenon-js': ours('tenon-js', 'js'),
  'tfjs-wasm': fromNpm('tfjs-wasm', {
    script: 'tfjs-case.mjs',
    args: ['wasm'],
    needs: '@tensorflow/tfjs-backend-wasm',
  }),
  'tfjs-cpu': fromNpm('tfjs-cpu', {
    script: 'tfjs-case.mjs',
    args: ['cpu'],
    needs: '@tensorflow/tfjs',
  }),
  'jax-js': fromNpm('jax-js', { script: 'jax-js-case.mjs', args: [], needs: '@jax-js/jax' }),
  torch,
};

/** What a command printed. */
export async function outputOf({ file, args, env = {} }: Command): Promise<string> {
  const { stdout } = await run(file, [...args], { env: { ...process.env, ...env } });
  return stdout.trim();
}

type Case = Pick<Line, 'peer' | 'case' | 'threads'>;

/** Runs one command to its line; a process that dies has an error in its line. */
export async function lineOf(command: Command, of: Case): Promise<Line> {
  const setting = command.setting ? { setting: command.setting } : {};
  try {
    const text = (await outputOf(command)).split('\n').at(-1) as string;
    return { ...(JSON.parse(text) as Line), ...setting };
  } catch (error) {
    const texts = String(error)
      .split('\n')
      .filter((text) => text.trim());
    // Node ends with its version, Python with the error.
    const reason =
      texts.filter((text) => /error/i.test(text)).at(-1) ?? texts.at(-1) ?? 'no reason';
    return { ...of, ...setting, error: reason.slice(0, 160) };
  }
}
