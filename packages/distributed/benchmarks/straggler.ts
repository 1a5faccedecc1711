// Step time of synchronous training by five replicas, one of which computes five times as long as the others, with and without a
// backup. Steps wait instead of computing, so that two cores are enough for five replicas.
// Run by hand: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/straggler.ts
import { type Device, HostTensor, js, sgd } from '@tenon/core';
import { layers, sequential } from '@tenon/layers';
import { createLocalCluster, dataParallel } from '../src/index.js';

const computeMs = 60;
const slowdown = 5;
const replicas = 5;
const steps = 60;
const warmUp = 10;

/** A js device whose runs take a time of their own. */
function delayed(milliseconds: number): Device {
  const inner = js();
  const own: Partial<Device> = {
    synchronous: false,
    compile(program, variables) {
      const executable = inner.compile(program, variables);
      const run: typeof executable.run = async (context) => {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        await executable.run(context);
      };
      return {
        write: (index, value) => executable.write(index, value),
        read: (index) => executable.read(index),
        commit: () => executable.commit(),
        free: () => executable.free(),
        run,
      };
    },
  };
  return new Proxy(inner, {
    get: (target, key) => {
      const value = Reflect.get(key in own ? own : target, key) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function medianStep(backups: number, slowed: boolean): Promise<number> {
  let made = 0;
  const cluster = await createLocalCluster({
    workers: replicas,
    parameterServers: 1,
    devices: () => [delayed(slowed && made++ === 0 ? slowdown * computeMs : computeMs)],
  });
  const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [4] })] });
  model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'meanSquaredError' });
  const rows = 20 * (warmUp + steps);
  const ends: number[] = [];
  await model.fit(
    new HostTensor(new Float32Array(rows * 4), [rows, 4]),
    new HostTensor(new Float32Array(rows), [rows, 1]),
    {
      batchSize: 20,
      verbose: 0,
      callbacks: { onBatchEnd: () => void ends.push(performance.now()) },
      strategy: dataParallel({ mode: 'sync', backups, cluster }),
    },
  );
  await cluster.close();
  const times = ends.slice(warmUp).map((end, i) => end - (ends[warmUp + i - 1] as number));
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}

for (const backups of [1, 0]) {
  const undisturbed = await medianStep(backups, false);
  const slowed = await medianStep(backups, true);
  console.log(
    JSON.stringify({
      replicas,
      backups,
      compute_ms: computeMs,
      undisturbed_ms: Number(undisturbed.toFixed(1)),
      one_slowed_5x_ms: Number(slowed.toFixed(1)),
      ratio: Number((slowed / undisturbed).toFixed(3)),
    }),
  );
}
