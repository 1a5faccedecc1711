// Step time of training with an embedding whose table lies on a parameter server: a worker and a server, each a process of this
// machine; every step looks up as many rows, whatever the size of the table.
// Run by hand: npx tsx --conditions=@tenon/source packages/distributed/benchmarks/sparse-step.ts [megabytes ...]
import { HostTensor, js, Session, sgd } from '@tenon/core';
import { layers, sequential } from '@tenon/layers';
import { createLocalCluster, dataParallel } from '../src/index.js';

const width = 64;
const length = 16;
const batchSize = 64;
const warmUp = 100;
const steps = 300;
const given = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [1, 32, 1024];

async function medianStep(megabytes: number): Promise<number> {
  const words = (megabytes * 2 ** 20) / (4 * width);
  const cluster = await createLocalCluster({ workers: 1, parameterServers: 1, tasks: 'processes' });
  const session = new Session({ devices: [js()] });
  const model = sequential({
    layers: [
      layers.embedding({
        inputDim: words,
        outputDim: width,
        embeddingsInitializer: 'zeros',
        inputShape: [length],
      }),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'meanSquaredError', session });
  const rows = batchSize * (warmUp + steps);
  const ids = Int32Array.from({ length: rows * length }, (_, i) => (i * 2654435761) % words);
  const ends: number[] = [];
  await model.fit(
    new HostTensor(ids, [rows, length]),
    new HostTensor(new Float32Array(rows).fill(1), [rows, 1]),
    {
      batchSize,
      shuffle: false,
      verbose: 0,
      callbacks: { onBatchEnd: () => void ends.push(performance.now()) },
      strategy: dataParallel({ mode: 'sync', cluster }),
    },
  );
  session.close();
  await cluster.close();
  const times = ends.slice(warmUp).map((end, i) => end - (ends[warmUp + i - 1] as number));
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}

const medians: number[] = [];
for (const megabytes of sizes) {
  medians.push(await medianStep(megabytes));
  console.log(
    JSON.stringify({
      table_mb: megabytes,
      rows_a_step: batchSize * length,
      median_ms: Number(medians.at(-1)?.toFixed(2)),
      ratio_to_first: Number(((medians.at(-1) as number) / (medians[0] as number)).toFixed(3)),
    }),
  );
}
