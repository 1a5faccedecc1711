/** One case of TensorFlow.js in a process of its own: tfjs-case.mjs <case> <threads> <seconds> <wasm|cpu>; prints one JSON line. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { peakMegabytes, rounded, timed } from './timing.mjs';

const [name, threads = '2', seconds = '4', backend = 'wasm'] = process.argv.slice(2);
const require = createRequire(import.meta.url);
if (backend === 'wasm') {
  const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  setThreadsCount(Number(threads));
}
await tf.setBackend(backend);
await tf.ready();

const classes = (count, depth) => tf.oneHot(tf.randomUniform([count], 0, depth, 'int32'), depth);
const { dense, conv2d, maxPooling2d, flatten, dropout, embedding, lstm } = tf.layers;
const cases = {
  linreg: [
    [dense({ units: 1, inputShape: [1] })],
    () => [tf.randomNormal([32, 1]), tf.randomNormal([32, 1])],
    'meanSquaredError',
    'sgd',
  ],
  mlp_small: [
    [
      dense({ units: 32, activation: 'relu', inputShape: [4] }),
      dense({ units: 3, activation: 'softmax' }),
    ],
    () => [tf.randomNormal([32, 4]), classes(32, 3)],
  ],
  mlp_mnist: [
    [
      dense({ units: 512, activation: 'relu', inputShape: [784] }),
      dense({ units: 512, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
    () => [tf.randomNormal([128, 784]), classes(128, 10)],
  ],
  cnn_mnist: [
    [
      conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dropout({ rate: 0.5 }),
      dense({ units: 10, activation: 'softmax' }),
    ],
    () => [tf.randomNormal([128, 28, 28, 1]), classes(128, 10)],
  ],
  lstm_text: [
    [
      embedding({ inputDim: 5000, outputDim: 64, inputLength: 80 }),
      lstm({ units: 128 }),
      dense({ units: 2, activation: 'softmax' }),
    ],
    () => [tf.randomUniform([32, 80], 0, 5000, 'int32'), classes(32, 2)],
  ],
};

const line = { peer: `tfjs-${backend}`, case: name, threads: Number(threads) };
try {
  const [stack, data, loss = 'categoricalCrossentropy', optimizer = 'adam'] = cases[name];
  const model = tf.sequential({ layers: stack });
  model.compile({ optimizer, loss });
  const [x, y] = data();
  const start = performance.now();
  await model.trainOnBatch(x, y);
  const first = performance.now() - start;
  const train = await timed(() => model.trainOnBatch(x, y), Number(seconds));
  const infer = await timed(async () => {
    const output = model.predictOnBatch(x);
    await output.data();
    output.dispose();
  }, Number(seconds) / 4);
  console.log(
    JSON.stringify({
      ...line,
      train_ms: rounded(train.least),
      train_median_ms: rounded(train.median),
      infer_ms: rounded(infer.median),
      compile_ms: 0,
      first_step_ms: rounded(first),
      peak_mb: peakMegabytes(),
    }),
  );
} catch (error) {
  console.log(JSON.stringify({ ...line, error: String(error?.message ?? error).slice(0, 160) }));
}
process.exit(0);
