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
  readonly train_ms?: number;
  readonly train_median_ms?: number;
  readonly infer_ms?: number | null;
  readonly compile_ms?: number;
  readonly first_step_ms?: number;
  readonly peak_mb?: number;
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

/** Something that is measured. */
export interface Peer {
  readonly name: string;
  /** What must be installed first, or undefined. */
  missing(): Promise<string | undefined>;
  /** The ways to run a case; the best of them counts. */
  commands(name: string, threads: number): readonly Command[];
}

const ours = (name: string, kind: string): Peer => ({
  name,
  missing: async () => undefined,
  commands: (model, threads) => [
    {
      file: process.execPath,
      args: [
        '--import',
        'tsx',
        '--conditions=@tenon/source',
        `${folder}tenon.ts`,
        model,
        `${threads}`,
        kind,
      ],
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
  commands: (model, threads) => [
    { file: process.execPath, args: [`${folder}${script}`, model, `${threads}`, ...args] },
  ],
});

const torch: Peer = {
  name: 'torch',
  missing: () =>
    run(python, ['-c', 'import torch']).then(
      () => undefined,
      () => 'Debian package python3-torch',
    ),
  commands(model, threads) {
    const command = (count: number, env: Record<string, string> = {}): Command => ({
      file: python,
      args: [`${folder}torch_case.py`, model, `${count}`],
      env,
      setting: `${count} threads${env.OPENBLAS_NUM_THREADS ? ', OpenBLAS 1' : ''}`,
    });
    if (threads === 1) return [command(1)];
    return [command(1), command(threads), command(threads, { OPENBLAS_NUM_THREADS: '1' })];
  },
};

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

/** Runs one command to its line. */
export async function lineOf({ file, args, env = {}, setting }: Command): Promise<Line> {
  const { stdout } = await run(file, [...args], { env: { ...process.env, ...env } });
  const text = stdout.trim().split('\n').at(-1) as string;
  return { ...(JSON.parse(text) as Line), ...(setting ? { setting } : {}) };
}
