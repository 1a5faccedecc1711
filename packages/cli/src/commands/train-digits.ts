import { adam } from '@tenon/core';
import { digits } from '@tenon/data';
import { layers, sequential } from '@tenon/layers';
import 'tenon'; // for its default device

export interface TrainDigitsOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly limit?: number;
  readonly save?: string;
}

/** Trains a perceptron of one hidden layer on the digits, prints its accuracy on the test images, and may save it. */
export async function trainDigits({ epochs, batchSize, limit, save }: TrainDigitsOptions) {
  const { train, test } = await digits(limit === undefined ? {} : { limit });
  const model = sequential({
    name: 'digits',
    layers: [
      layers.flatten({ inputShape: [28, 28, 1] }),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: adam({ learningRate: 0.002 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.fit(train.images, train.labels, { epochs, batchSize });
  const { loss = 0, accuracy = 0 } = await model.evaluate(test.images, test.labels, {
    batchSize: 500,
  });
  console.log(
    `test accuracy ${(100 * accuracy).toFixed(2)} % of ${test.labels.size}, loss ${loss.toFixed(4)}`,
  );
  if (save === undefined) return;
  await model.save(save);
  console.log(`saved to ${save}`);
}
