import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostTensor, Session, type Tensor } from '@tenon/core';
import { input, layers, loadModel, model, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { numbers } from './numbers.js';

const random = numbers('functional use');
const examples = (...shape: number[]) =>
  hostTensor(Float32Array.from(random.fractions(shape, [-1, 1])), { shape });

/** An encoder whose state starts a decoder that reads the encoder's outputs. */
function encoderDecoder() {
  const x = input({ shape: [5, 3] });
  const encoder = layers.lstm({ units: 4, returnSequences: true, returnState: true });
  const [sequence, h, c] = encoder.applyAll(x) as [Tensor, Tensor, Tensor];
  const decoded = layers.lstm({ units: 4 }).apply([sequence, h, c]);
  const y = layers.dense({ units: 1 }).apply(layers.concatenate().apply([decoded, c]));
  return model({ inputs: x, outputs: y });
}

describe('layers in models', () => {
  it('states travel from one recurrent layer to another, in training and through a saved model', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tenon-layers-'));
    const [session, second] = [new Session(), new Session()];
    const trained = encoderDecoder();
    trained.compile({ optimizer: 'adam', loss: 'mse', session });
    const [x, y] = [examples(32, 5, 3), examples(32, 1)];
    const { history } = await trained.fit(x, y, { epochs: 3, verbose: 0 });
    const losses = history.loss as number[];
    expect(losses.at(-1)).to.be.lessThan(losses[0] as number);

    await trained.save(directory);
    const loaded = await loadModel(directory, { session: second });
    const [before, after] = [await trained.predict(x), await loaded.predict(x)];
    expect(after.data).to.deep.equal(before.data);
    await Promise.all([session.close(), second.close(), rm(directory, { recursive: true })]);
  });

  it('a step of training moves the averages of batchNormalization, and predictions use them', async () => {
    const session = new Session();
    const net = sequential({
      layers: [
        layers.batchNormalization({ momentum: 0, inputShape: [2], center: false, scale: false }),
        layers.dense({ units: 1 }),
      ],
    });
    net.compile({ optimizer: 'sgd', loss: 'mse', session });
    await net.trainOnBatch(
      hostTensor([
        [1, 10],
        [3, 30],
      ]),
      hostTensor([[0], [1]]),
    );
    const [mean, variance] = await Promise.all(
      ['moving_mean', 'moving_variance'].map((name) =>
        session.read(
          net.layers[0]?.weights.find((weight) => weight.name === name)?.variable as never,
        ),
      ),
    );
    expect(Array.from(mean?.data as Float32Array)).to.deep.equal([2, 20]);
    expect(Array.from(variance?.data as Float32Array)).to.deep.equal([1, 100]);
    await session.close();
  });
});
