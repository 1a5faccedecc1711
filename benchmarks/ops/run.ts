/**
 * Times each case on each engine and prints one JSON line for each: the median and the fastest of the runs, in milliseconds.
 * Options: --seconds <time for each line> (2), --only <text in the name of the case or engine>.
 * Engines take turns in one process after a warm-up, so compare lines of one invocation, on a machine that does nothing else.
 */
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { env, setBackend } from '@tensorflow/tfjs-core';
import { type Case, cases, type Run } from './cases.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});

// The file that Node gets of tfjs-core has no gradients; these go to the registry that both share.
createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients.js');
env().set('IS_TEST', true); // keeps the advice to use another backend off the output
await setBackend('cpu');

const host = { node: process.version, cpu: cpus()[0]?.model, threads: availableParallelism() };

for (const { name, flop, engines } of cases) {
  for (const [engine, start] of Object.entries(engines)) {
    if (!`${name} ${engine}`.includes(values.only)) continue;
    const run = start();
    console.log(JSON.stringify({ case: name, engine, ...timed(run, flop), ...host }));
    run.close();
  }
}

function timed(run: Run, flop: Case['flop']) {
  const deadline = performance.now() + 1000 * Number(values.seconds);
  for (let i = 0; i < 3; i++) run.once();
  const times: number[] = [];
  while (times.length < 5 || performance.now() < deadline) {
    const begin = performance.now();
    run.once();
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1] as number;
  const rounded = (value: number) => Number(value.toPrecision(4));
  return {
    runs: times.length,
    medianMs: rounded(median),
    fastestMs: rounded(times[0] as number),
    gflops: rounded(flop / median / 1e6),
  };
}
