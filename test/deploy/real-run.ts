import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Environment } from '@tenon/distributed';
import { repositoryRoot } from '../architecture/source-tree.js';
import { stillRunning } from './still-running.js';

/** Trains a line on all workers, with its weights on the servers, and by replicas; it is killed in the middle the first time. */
const train = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { add, assign, gradients, mean, mul, placeholder, square, sub, variable, withDevice } from '@tenon/core';
import { ClusterSession, dataParallel } from '@tenon/distributed';
import { layers, sequential } from '@tenon/layers';

const [status, notes] = process.argv.slice(2);
const session = new ClusterSession();
const devices = (await session.listDevices()).map(({ name }) => name);
const workers = devices.filter((name) => name.includes('/job:worker/'));
const [w, b] = [0, 1].map((task) => withDevice('/job:ps/task:' + task, () => variable(0)));
const [x, y] = [placeholder({ shape: [null] }), placeholder({ shape: [null] })];
const losses = workers.map((name) => withDevice(name, () => mean(square(sub(add(mul(x, w), b), y)))));
const loss = mul(losses.reduce((sum, one) => add(sum, one)), 1 / losses.length);
const [dw, db] = gradients(loss, [w, b]);
const step = session.prepare(
  [loss, assign(w, sub(w, mul(dw, 0.3))), assign(b, sub(b, mul(db, 0.3)))],
  [x, y],
);
const xs = Array.from({ length: 16 }, (_, i) => i / 8 - 1);
const ys = xs.map((value) => 3 * value + 1);
let last;
for (let i = 0; i < 60; i++) {
  last = (await step(xs, ys))[0].item();
  if (i === 5 && !existsSync(notes + '/killed')) {
    writeFileSync(notes + '/killed', '');
    process.kill(process.pid, 'SIGKILL');
  }
}
const stranger = new ClusterSession({ security: {}, waitMs: 0 });
const refused = await stranger.run(add(1, 2)).then(() => 'let in', ({ code }) => code);
await stranger.close();
const weights = [(await session.read(w)).item(), (await session.read(b)).item()];
await session.close();

const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const column = (values) => values.map((value) => [value]);
const strategy = dataParallel({ mode: 'sync' });
const fitting = { epochs: 40, batchSize: 8, verbose: 0, strategy };
const { history } = await model.fit(column(xs), column(ys), fitting);
const result = { devices, loss: last, weights, refused, fitted: history.loss };
writeFileSync(notes + '/result', JSON.stringify(result));
process.exitCode = Number(status);
`;

const tsx = pathToFileURL(createRequire(join(repositoryRoot, 'test')).resolve('tsx')).href;

// From source, as all tests run; a process that comes notes its number.
const node = (loader: string) => `#!/usr/bin/env bash
echo $$ >> "$NOTES/pids"
exec ${process.execPath} --conditions=@tenon/source --import ${loader} "$@"
`;
const tenon = `#!/usr/bin/env bash
exec node ${join(repositoryRoot, 'packages/cli/src/main.ts')} "$@"
`;

/** What the training script tells. */
export interface Trained {
  readonly devices: readonly string[];
  readonly loss: number;
  readonly weights: readonly number[];
  /** How a client without the token of the run ended. */
  readonly refused: string;
  /** The losses of epochs by replicas. */
  readonly fitted: readonly number[];
}

export interface RealRun {
  readonly code: number;
  readonly output: string;
  readonly trained: Trained | undefined;
  /** Processes that still run. */
  readonly left: readonly number[];
}

export interface RealRunOptions {
  /** What the training script ends with. */
  readonly status: number;
  /** Whether processes show each other certificates. */
  readonly tls: boolean;
  readonly variables: Environment;
}

/** Runs a launch script of `deploy/`, or the command that submits one, with the real command and launchers. */
export async function realRun(
  [program = '', ...options]: readonly string[],
  { status, tls, variables }: RealRunOptions,
): Promise<RealRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-run-'));
  const [programs, notes] = [join(folder, 'bin'), join(folder, 'notes')];
  try {
    for (const path of [programs, notes]) mkdirSync(path);
    for (const [name, text] of Object.entries({ node: node(tsx), tenon })) {
      writeFileSync(join(programs, name), text);
      chmodSync(join(programs, name), 0o755);
    }
    writeFileSync(join(folder, 'train.mjs'), train);
    symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
    const { PATH, HOME } = process.env;
    const env = { HOME, PATH: `${programs}:${PATH}`, NOTES: notes, ...variables };
    if (tls) Object.assign(env, certificates(join(folder, 'tls')));
    const script = [...options, join(folder, 'train.mjs'), `${status}`, notes];
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
      execFile(program, script, { cwd: folder, env, timeout: 300_000 }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: out + err }),
      );
    });
    const read = (name: string) => readFileSync(join(notes, name), 'utf8');
    const trained = existsSync(join(notes, 'result')) ? JSON.parse(read('result')) : undefined;
    const left = await stillRunning(read('pids').trim().split('\n').map(Number));
    // A batch job writes what it prints into a file.
    const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
    const printed = logs.map((name) => readFileSync(join(folder, name), 'utf8'));
    return { code, output: [output, ...printed].join('\n'), trained, left };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function certificates(directory: string): Environment {
  execFileSync(join(repositoryRoot, 'deploy/tls/certificates.sh'), [directory, 'tenon-cluster']);
  return { TENON_TLS: directory, TENON_TLS_NAME: 'tenon-cluster' };
}
