/** Trains by replicas; is killed in its second epoch the first time, if told so. Arguments: directory, whether to be killed. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataParallel } from '@tenon/distributed';
import * as tn from 'tenon';

const [directory = '', killed] = process.argv.slice(2);
const mark = join(directory, 'was-killed');
const model = tn.sequential({ layers: [tn.layers.dense({ units: 2, inputShape: [3] })] });
model.compile({ optimizer: tn.adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
const wave = (rows: number, width: number, step: number) =>
  new tn.HostTensor(
    Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * step)),
    [rows, width],
  );
await model.setWeights([wave(3, 2, 0.7), new tn.HostTensor(new Float32Array(2), [2])]);

let epoch = -1;
await model.fit(wave(64, 3, 1.1), wave(64, 2, 0.4), {
  epochs: 4,
  batchSize: 8,
  verbose: 0,
  shuffle: { seed: 3 },
  strategy: dataParallel({ mode: 'sync' }),
  callbacks: [
    tn.callbacks.backupAndRestore({ directory: join(directory, 'backup') }),
    {
      onEpochBegin: (begun) => {
        epoch = begun;
      },
      onBatchEnd: (batch) => {
        if (killed !== 'killed' || epoch !== 1 || batch !== 3 || existsSync(mark)) return;
        writeFileSync(mark, '');
        process.kill(process.pid, 'SIGKILL');
      },
    },
  ],
});
const weights = await model.getWeights();
console.log(JSON.stringify(weights.map(({ data }) => Array.from(data as Float32Array))));
