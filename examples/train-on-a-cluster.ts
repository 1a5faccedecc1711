/**
 * The digits again, learned by replicas of the model in a cluster of processes:
 *
 *   npx tenon cluster --workers 3 --ps 2 -- examples/train-on-a-cluster.ts --mode sync --backups 1
 */
import { parseArgs } from 'node:util';
import { type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { adam, callbacks, digits, layers, sequential } from 'tenon';

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'sync' },
    backups: { type: 'string', default: '0' },
    groups: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '4' },
    limit: { type: 'string' },
  },
});

const options: Record<string, DataParallelOptions> = {
  sync: { mode: 'sync', backups: Number(values.backups) },
  async: { mode: 'async' },
  hybrid: { mode: 'hybrid', groups: Number(values.groups) },
};

const { train, test } = await digits(
  values.limit === undefined ? {} : { limit: Number(values.limit) },
);

const model = sequential({
  name: 'convnet',
  layers: [
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({
  optimizer: adam({ learningRate: 0.003 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
});

const start = performance.now();
await model.fit(train.images, train.labels, {
  epochs: Number(values.epochs),
  batchSize: 96,
  callbacks: callbacks.learningRateScheduler((epoch, rate) => (epoch > 0 ? 0.6 * rate : rate)),
  strategy: dataParallel(options[values.mode] as DataParallelOptions),
});
const seconds = (performance.now() - start) / 1000;
const { accuracy = 0 } = await model.evaluate(test.images, test.labels, { batchSize: 500 });
console.log(
  `${values.mode}: test accuracy ${(100 * accuracy).toFixed(2)} % after ${seconds.toFixed(1)} s`,
);
