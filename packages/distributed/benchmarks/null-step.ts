// The null step over threads, and over processes, of this machine: every worker fetches one number from the server and does nothing with it.
// Run by hand: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/null-step.ts [most workers]
import { add, variable, withDevice } from '@tenon/core';
import { createLocalCluster } from '../src/index.js';

const steps = 500;
const warmUp = 1000;
const most = Number(process.argv[2] ?? 1);

interface Counts {
  readonly workers: number;
  readonly parameterServers: number;
}

const clusters = {
  threads: (counts: Counts) => createLocalCluster({ tasks: 'threads', ...counts }),
  processes: (counts: Counts) => createLocalCluster({ tasks: 'processes', ...counts }),
};

for (const [tasks, start] of Object.entries(clusters))
  for (let workers = 1; workers <= most; workers *= 2) {
    const cluster = await start({ workers, parameterServers: 1 });
    const value = withDevice('/job:ps/task:0', () => variable(1));
    const fetches = Array.from({ length: workers }, (_, task) =>
      withDevice(`/job:worker/task:${task}`, () => add(value, 1)),
    );
    const session = cluster.session();
    const step = session.prepare(fetches);
    const times: number[] = [];
    for (let i = 0; i < warmUp + steps; i++) {
      const start = performance.now();
      await step();
      if (i >= warmUp) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => Number((times[Math.floor(share * steps)] as number).toFixed(3));
    console.log(
      JSON.stringify({
        tasks,
        workers,
        servers: 1,
        median_ms: at(0.5),
        p10_ms: at(0.1),
        p90_ms: at(0.9),
      }),
    );
    await session.close();
    await cluster.close();
  }
