import { HostTensor, Session, sgd } from '@tenon/core';
import { expect } from 'chai';
import { type Callback, callbacks, layers, sequential } from '../../src/index.js';

const model = () => {
  const made = sequential({
    layers: [
      layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' }),
    ],
  });
  made.compile({ optimizer: sgd({ learningRate: 0.4 }), loss: 'mse', session: new Session() });
  return made;
};
const x = [[1], [1]];
const y = [[2], [2]];

describe('callbacks', () => {
  it('are called in order, and training waits for async ones', async () => {
    const calls: string[] = [];
    const slow: Callback = {
      async onEpochEnd() {
        await new Promise((resolve) => setTimeout(resolve, 10));
        calls.push('slow');
      },
    };
    const quick = callbacks.lambdaCallback({
      onTrainBegin: () => void calls.push('begin'),
      onEpochEnd: () => void calls.push('quick'),
      onTrainEnd: () => void calls.push('end'),
    });
    await model().fit(x, y, { epochs: 2, verbose: 0, callbacks: [slow, quick] });
    expect(calls).to.deep.equal(['begin', 'slow', 'quick', 'slow', 'quick', 'end']);
  });

  it('end training when they throw', async () => {
    const failing = callbacks.lambdaCallback({
      onBatchEnd: () => {
        throw new Error('enough');
      },
    });
    let message = '';
    await model()
      .fit(x, y, { epochs: 9, verbose: 0, callbacks: failing })
      .catch((error) => {
        message = error.message;
      });
    expect(message).to.equal('enough');
  });

  it('can stop training through the model', async () => {
    const trained = model();
    const stop = callbacks.lambdaCallback({
      onEpochEnd: (epoch) => {
        trained.stopTraining = epoch === 1;
      },
    });
    const { epoch } = await trained.fit(x, y, { epochs: 9, verbose: 0, callbacks: stop });
    expect(epoch).to.deep.equal([0, 1]);
  });
});

describe('onProgress', () => {
  it('hears now and then, and of the last step of each epoch, with logs on demand', async () => {
    const heard: number[] = [];
    let loss = 0;
    const many = new HostTensor(new Float32Array(3000), [3000, 1]);
    const watch: Callback = {
      onProgress(batch, logs) {
        heard.push(batch);
        loss = logs().loss as number;
      },
      onEpochEnd(_epoch, logs) {
        expect(logs.loss).to.equal(loss);
      },
    };
    await model().fit(many, many, { batchSize: 1, epochs: 2, verbose: 0, callbacks: watch });
    const last = heard.indexOf(2999);
    expect([heard.at(-1), last >= 0 && last < heard.length - 1]).to.deep.equal([2999, true]);
    expect(heard.length).to.be.below(3000);
  });
});

describe('learningRateScheduler', () => {
  it('sets the rate before each epoch, from the one before', async () => {
    const made = model();
    const seen: number[] = [];
    const schedule = callbacks.learningRateScheduler((epoch, rate) => {
      seen.push(rate);
      return epoch === 0 ? 0.25 : rate / 2;
    });
    // One step of plain descent on (w - 2)^2: w <- w - rate 2 (w - 2), so w - 2 is -2, -1, -0.75.
    await made.fit(x, y, { epochs: 2, verbose: 0, callbacks: schedule });
    expect(seen[0]).to.be.closeTo(0.4, 1e-7);
    expect(seen[1]).to.equal(0.25);
    expect((await made.getWeights())[0]?.item()).to.equal(1.25);
  });

  it('refuses what is no rate', async () => {
    const made = model();
    const schedule = callbacks.learningRateScheduler(() => Number.NaN);
    const error = await made
      .fit(x, y, { verbose: 0, callbacks: schedule })
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'ATTRIBUTE_INVALID' });
    expect(String(error)).to.include('gave NaN for epoch 0');
    expect(() => callbacks.learningRateScheduler(0.1 as never)).to.throw('not a schedule');
  });
});

describe('earlyStopping', () => {
  it('stops when the log does not get better, and puts the best weights back', async () => {
    const made = sequential({
      layers: [
        layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' }),
      ],
    });
    // A rate above 1 overshoots more with every step: w = 0, then away from 2.
    made.compile({ optimizer: sgd({ learningRate: 1.2 }), loss: 'mse', session: new Session() });
    const stop = callbacks.earlyStopping({
      monitor: 'loss',
      patience: 2,
      restoreBestWeights: true,
    });
    const { epoch } = await made.fit(x, y, { epochs: 50, verbose: 0, callbacks: stop });
    expect({ epoch, stopped: stop.stoppedEpoch, best: stop.bestEpoch }).to.deep.equal({
      epoch: [0, 1, 2],
      stopped: 2,
      best: 0,
    });
    const [w] = await made.getWeights();
    expect(w?.item()).to.be.closeTo(4.8, 1e-5);
  });

  it('names the logs when the one to watch does not exist', async () => {
    let message = '';
    await model()
      .fit(x, y, { verbose: 0, callbacks: callbacks.earlyStopping() })
      .catch((error) => {
        message = error.message;
      });
    expect(message)
      .to.match(/val_loss/)
      .and.match(/logs: loss/)
      .and.match(/NAME_UNKNOWN/);
  });
});

describe('progress bar', () => {
  it('shows epoch, steps, time and logs in alphabetical order', async () => {
    const lines: string[] = [];
    const bar = new callbacks.ProgressBar({ verbose: 2, write: (text) => void lines.push(text) });
    const made = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    made.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'], session: new Session() });
    await made.fit(
      new HostTensor(new Float32Array(6), [6, 1]),
      new HostTensor(new Float32Array(6), [6, 1]),
      {
        batchSize: 2,
        verbose: 0,
        callbacks: bar,
      },
    );
    expect(lines[0]).to.equal('Epoch 1/1\n');
    expect(lines[1]).to.match(
      /^3\/3 ━{20} \d+s \d+(us|ms|s)\/step - loss: 0\.0000 - mae: 0\.0000\n$/,
    );
  });
});
