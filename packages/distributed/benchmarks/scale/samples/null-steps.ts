import { add, variable, withDevice } from '@tenon/core';
import { createLocalCluster } from '../../../src/index.js';
import { fastest, repeated } from './repeated.js';

/** A step in which every worker fetches one number from the server, by workers; each task is a process. */
export async function measureNullSteps(): Promise<{ workers: number; seconds: number }[]> {
  const samples: { workers: number; seconds: number }[] = [];
  for (const workers of [1, 2, 4]) {
    const cluster = await createLocalCluster({ workers, parameterServers: 1, tasks: 'processes' });
    const value = withDevice('/job:ps/task:0', () => variable(1));
    const fetches = Array.from({ length: workers }, (_, task) =>
      withDevice(`/job:worker/task:${task}`, () => add(value, 1)),
    );
    const session = cluster.session();
    const step = session.prepare(fetches);
    samples.push({ workers, seconds: fastest(await repeated(400, () => step())) });
    await session.close();
    await cluster.close();
  }
  return samples;
}
