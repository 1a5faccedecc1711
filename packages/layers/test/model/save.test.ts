import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adam, type GraphError, HostTensor, Session } from '@tenon/core';
import { expect } from 'chai';
import {
  input,
  layers,
  loadModel,
  losses,
  type Model,
  model,
  modelFromJson,
  sequential,
} from '../../src/index.js';

const data = () => {
  const x = Float32Array.from({ length: 24 }, (_, i) => Math.cos(i));
  return { x: new HostTensor(x, [8, 3]), y: Int32Array.from({ length: 8 }, (_, i) => i % 2) };
};

const classifier = () => {
  const x = input({ shape: [3] });
  const shared = layers.dense({ units: 4, activation: 'relu' });
  const y = layers
    .dense({ units: 4 })
    .apply(layers.dropout({ rate: 0.2, seed: 1 }).apply(shared.apply(x)));
  const both = layers.add({}).apply([shared.apply(x), layers.batchNormalization({}).apply(y)]);
  const net = model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(both), name: 'net' });
  net.compile({
    optimizer: adam({ learningRate: 0.01, globalClipNorm: 1 }),
    loss: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: ['accuracy'],
    stepsPerExecution: 2,
    session: new Session({ seed: 3 }),
  });
  return net;
};

const values = async (net: Model) => (await net.getWeights()).map((weight) => weight.array());

describe('save and loadModel', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tenon-save-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('gives a model with exactly the same predictions', async () => {
    const { x, y } = data();
    const net = classifier();
    await net.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
    await net.save(join(directory, 'net'));
    const loaded = await loadModel(join(directory, 'net'), { session: new Session() });
    expect((await loaded.predict(x)).array()).to.deep.equal((await net.predict(x)).array());
    expect(loaded.toJSON()).to.deep.equal(net.toJSON());
    expect(loaded.compiled.stepsPerExecution).to.equal(2);
    expect(await loaded.evaluate(x, y)).to.deep.equal(await net.evaluate(x, y));
  });

  it('loads a model that was compiled but never trained', async () => {
    const { x, y } = data();
    const net = classifier();
    await net.save(join(directory, 'net'));
    const loaded = await loadModel(join(directory, 'net'), { session: new Session({ seed: 3 }) });
    const once = { epochs: 1, shuffle: false, verbose: 0 } as const;
    const [a, b] = [await net.fit(x, y, once), await loaded.fit(x, y, once)];
    expect(b.history).to.deep.equal(a.history);
  });

  it('keeps the moments of each weight, in whatever order training met the weights', async () => {
    const { x } = data();
    const y = new HostTensor(new Float32Array(8).fill(1), [8, 1]);
    const net = sequential({
      layers: [layers.dense({ units: 3, inputShape: [3] }), layers.dense({ units: 1 })],
    });
    const optimizer = adam({ learningRate: 0.1 });
    const session = new Session();
    const [base] = net.layers;
    for (const trainable of [false, true]) {
      if (base) base.trainable = trainable;
      net.compile({ optimizer, loss: 'mse', session });
      await net.fit(x, y, { verbose: 0 });
    }
    await net.save(join(directory, 'net'));
    const loaded = await loadModel(join(directory, 'net'), { session: new Session() });
    const [a, b] = [await net.fit(x, y, { verbose: 0 }), await loaded.fit(x, y, { verbose: 0 })];
    expect(b.history).to.deep.equal(a.history);
    expect(await values(loaded)).to.deep.equal(await values(net));
  });

  it('goes on training exactly where it stopped, random layers included', async () => {
    const { x, y } = data();
    const net = classifier();
    await net.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
    await net.save(join(directory, 'net'));
    const loaded = await loadModel(join(directory, 'net'), { session: new Session({ seed: 3 }) });
    const more = { epochs: 4, initialEpoch: 2, batchSize: 4, verbose: 0 } as const;
    const [a, b] = [await net.fit(x, y, more), await loaded.fit(x, y, more)];
    expect(b.history).to.deep.equal(a.history);
    expect(await values(loaded)).to.deep.equal(await values(net));
  });

  it('resumes bit for bit without random layers', async () => {
    const { x } = data();
    const y = new HostTensor(
      Float32Array.from({ length: 8 }, (_, i) => i / 8),
      [8, 1],
    );
    const net = sequential({
      layers: [
        layers.dense({ units: 5, activation: 'tanh', inputShape: [3] }),
        layers.dense({ units: 1 }),
      ],
    });
    net.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], session: new Session() });
    await net.fit(x, y, { epochs: 3, batchSize: 3, verbose: 0 });
    await net.save(join(directory, 'net'));
    const loaded = await loadModel(join(directory, 'net'), { session: new Session() });
    const more = { epochs: 6, initialEpoch: 3, batchSize: 3, verbose: 0 } as const;
    const [a, b] = [await net.fit(x, y, more), await loaded.fit(x, y, more)];
    expect(b.history).to.deep.equal(a.history);
    expect(await values(loaded)).to.deep.equal(await values(net));
  });

  it('saves recurrent and convolutional models', async () => {
    const net = sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.reshape({ targetShape: [4, 2] }),
        layers.lstm({ units: 3, returnSequences: true }),
        layers.gru({ units: 2 }),
        layers.layerNormalization({}),
      ],
    });
    net.useSession(new Session());
    const x = new HostTensor(
      Float32Array.from({ length: 72 }, (_, i) => Math.sin(i)),
      [2, 6, 6, 1],
    );
    const expected = (await net.predict(x)).array();
    await net.save(join(directory, 'net'));
    const loaded = await loadModel(join(directory, 'net'), { session: new Session() });
    expect((await loaded.predict(x)).array()).to.deep.equal(expected);
  });

  it('refuses to save functions, and damaged files, by code', async () => {
    const code = async (promise: Promise<unknown>) =>
      promise.then(
        () => 'none',
        (error) => (error as GraphError).code,
      );
    const own = sequential({
      layers: [layers.dense({ units: 1, inputShape: [1], activation: (x) => x })],
    });
    const net = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    net.useSession(new Session());
    const target = join(directory, 'net');
    await net.save(target);
    const file = join(target, 'model.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('Dense', 'Danse'));
    expect({
      functions: await code(own.save(join(directory, 'own'))),
      missing: await code(loadModel(join(directory, 'nothing'))),
      changed: await code(loadModel(target)),
    }).to.deep.equal({
      functions: 'STATE_INVALID',
      missing: 'FILE_NOT_FOUND',
      changed: 'CHECKSUM_MISMATCH',
    });
  });

  it('refuses architectures that name what does not exist', () => {
    const code = (json: unknown) => {
      try {
        modelFromJson(json as never);
      } catch (error) {
        return (error as GraphError).code;
      }
      return 'none';
    };
    expect({
      layer: code({
        className: 'Sequential',
        config: { name: 's', layers: [{ className: 'Danse', config: {} }] },
      }),
      proto: code({
        className: 'Sequential',
        config: { name: 's', layers: [{ className: '__proto__', config: {} }] },
      }),
      kind: code({ className: 'Model', config: {} }),
      reference: code({
        className: 'Functional',
        config: { name: 'f', layers: [], inputs: [], outputs: [['x', 0, 0]] },
      }),
      option: code({
        className: 'Sequential',
        config: { name: 's', layers: [{ className: 'Dense', config: { units: -1 } }] },
      }),
    }).to.deep.equal({
      layer: 'NAME_UNKNOWN',
      proto: 'NAME_UNKNOWN',
      kind: 'FORMAT_INVALID',
      reference: 'FORMAT_INVALID',
      option: 'ATTRIBUTE_INVALID',
    });
  });
});

describe('summary', () => {
  it('draws a box with shapes and parameters', () => {
    const lines: string[] = [];
    classifier().summary({ print: (text) => lines.push(...text.split('\n')) });
    expect(lines[0]).to.equal('Model: "net"');
    expect(lines[2]).to.match(/^┃ Layer \(type\) +┃ Output Shape +┃ +Param # ┃$/);
    expect(lines.find((line) => line.includes('batch_normalization'))).to.match(
      /\(None, 4\) +│ +16 │$/,
    );
    expect(lines.slice(-3).map((line) => line.replace(/ \(.*/, ''))).to.deep.equal([
      ' Total params: 62',
      ' Trainable params: 54',
      ' Non-trainable params: 8',
    ]);
  });
});
