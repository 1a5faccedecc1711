/**
 * 100 MB between two tasks on this machine as steps of a cluster move them: a worker reads a server's variable; a server sets its
 * variable to what a worker has. Between threads through shared memory; between processes over frames of TCP and over gRPC.
 * Run: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/dense-step.ts [steps]
 */
import { assign, gather, ones, type Tensor, variable, withDevice } from '@tenon/core';
import { createLocalCluster } from '../src/index.js';

const elements = 25_000_000;
const megabytes = (4 * elements) / 1e6;
const steps = Number(process.argv[2] ?? 7);
const devices = new URL('./wasm-devices.ts', import.meta.url);

const first = (tensor: Tensor) => gather(tensor, 0);
const at = <T>(job: string, build: () => T) => withDevice(`/job:${job}/task:0`, build);
const large = (job: string) => at(job, () => variable(ones({ shape: [elements] })));

const jobs = { workers: 1, parameterServers: 1, devices };
const clusters = {
  threads: () => createLocalCluster({ tasks: 'threads', ...jobs }),
  tcp: () => createLocalCluster({ tasks: 'processes', dataPlane: 'tcp', ...jobs }),
  grpc: () => createLocalCluster({ tasks: 'processes', dataPlane: 'grpc', ...jobs }),
};

for (const [plane, start] of Object.entries(clusters)) {
  const cluster = await start();
  const [w, own] = [large('ps'), large('worker')];
  const cases = {
    pull: [at('worker', () => first(w))],
    push: [at('ps', () => first(own))],
    'push into the variable': [at('ps', () => first(assign(w, own)))],
  };
  const session = cluster.session();
  for (const [name, fetches] of Object.entries(cases)) {
    const step = session.prepare(fetches);
    const times: number[] = [];
    for (let i = -2; i < steps; i++) {
      const start = performance.now();
      await step();
      if (i >= 0) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const [best, median] = [times[0] as number, times[steps >> 1] as number];
    const rate = (ms: number) => `${(megabytes / ms).toFixed(2)} GB/s`;
    console.log(
      `${plane.padEnd(7)} ${name.padEnd(24)} ${megabytes} MB: median ${median.toFixed(0)} ms, ${rate(median)}; best ${best.toFixed(0)} ms, ${rate(best)}`,
    );
  }
  await cluster.close();
}
