/**
 * Trains a convolutional net on the MNIST handwritten digits, saves the model, loads it again and shows what it reads.
 * Options: --limit <examples>, --epochs <count>, --save <directory>. TENON_LIMIT=<examples> is as --limit.
 */
import { parseArgs } from 'node:util';
import * as tn from 'tenon';

const { values } = parseArgs({
  options: {
    limit: { type: 'string', default: process.env.TENON_LIMIT ?? '' },
    epochs: { type: 'string', default: '6' },
    save: { type: 'string', default: 'digits' },
  },
});

const { train, test } = await tn.digits(values.limit ? { limit: Number(values.limit) } : {});
console.log(`${train.labels.size} digits to learn from, ${test.labels.size} to be tested with`);

const model = tn.sequential({
  name: 'digits',
  layers: [
    tn.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
    tn.layers.maxPooling2d({ poolSize: 2 }),
    tn.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    tn.layers.maxPooling2d({ poolSize: 2 }),
    tn.layers.flatten(),
    tn.layers.dropout({ rate: 0.4 }),
    tn.layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({
  optimizer: tn.adam({ learningRate: 0.003 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
});
model.summary();

const start = performance.now();
await model.fit(train.images, train.labels, {
  epochs: Number(values.epochs),
  batchSize: 64,
  callbacks: tn.callbacks.learningRateScheduler((epoch, rate) => (epoch > 0 ? 0.6 * rate : rate)),
});
const seconds = (performance.now() - start) / 1000;
const { accuracy = 0 } = await model.evaluate(test.images, test.labels, { batchSize: 500 });
console.log(`trained in ${seconds.toFixed(0)} s; test accuracy ${(100 * accuracy).toFixed(2)} %`);

await model.save(values.save);
const loaded = await tn.loadModel(values.save);
const before = await model.predict(test.images, { batchSize: 500 });
const after = await loaded.predict(test.images, { batchSize: 500 });
const same = before.data.every((value, i) => Object.is(value, after.data[i]));
if (!same) throw new Error('the loaded model predicts something else than the one that was saved');
console.log(`saved to ${values.save} and loaded again: all predictions are exactly the same\n`);

showDigits(test.images, after, 6);

/** Draws the first digits, three in a row, with the reading of each below it. */
function showDigits(images: tn.HostTensor, predictions: tn.HostTensor, count: number): void {
  for (let first = 0; first < Math.min(count, images.shape[0] ?? 0); first += 3) {
    const shown = [first, first + 1, first + 2].filter((i) => i < (images.shape[0] ?? 0));
    const pictures = shown.map((i) => picture(images.data.subarray(784 * i, 784 * (i + 1))));
    for (const [row] of (pictures[0] ?? []).entries()) {
      console.log(pictures.map((lines) => lines[row]).join('  '));
    }
    console.log(`${shown.map((i) => reading(predictions, i).padEnd(24)).join('  ')}\n`);
  }
}

/** The middle of an image of 28 x 28 pixels in half blocks: each character is two pixels, one above the other. */
function picture(pixels: ArrayLike<number | bigint>): string[] {
  const ink = (row: number, column: number) => Number(pixels[28 * row + column]) > 0.35;
  const blocks = [' ', '▀', '▄', '█'];
  return Array.from({ length: 12 }, (_, line) =>
    Array.from({ length: 24 }, (_, i) => {
      const [row, column] = [2 + 2 * line, 2 + i];
      return blocks[(ink(row, column) ? 1 : 0) + (ink(row + 1, column) ? 2 : 0)];
    }).join(''),
  );
}

/** The likeliest class and its probability. Shapes: predictions [examples, 10]. */
function reading(predictions: tn.HostTensor, i: number): string {
  const row = Array.from(predictions.data.subarray(10 * i, 10 * (i + 1)), Number);
  const best = Math.max(...row);
  return `reads ${row.indexOf(best)} (${(100 * best).toFixed(1)} %)`;
}
