import { type HostTensor, js, Session, type Variable } from '@tenon/core';
import { expect } from 'chai';
import {
  model as functional,
  input,
  layers,
  type Model,
  type ModelParallelOptions,
  modelParallel,
  sequential,
  type Weight,
} from '../../src/index.js';

const over = ['js:0', 'js:1'];
const session = () => new Session({ devices: [0, 1, 2].map((index) => js({ index })), seed: 1 });

const net = ({ built = true } = {}) =>
  sequential({
    layers: [
      layers.dense({ units: 4, ...(built ? { inputShape: [3] } : {}) }),
      layers.dense({ units: 2 }),
    ],
  });

const x = [
  [1, 2, 3],
  [4, 5, 6],
];
const y = [
  [1, 0],
  [0, 1],
];

const weightOf = ({ weights }: Model, place: number): Variable =>
  (weights[place] as Weight).variable;

interface Failure {
  readonly code: string;
  readonly message: string;
}

function refusal(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    return error as Failure;
  }
  throw new Error('nothing was refused');
}

const later = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error('nothing was refused');
    },
    (error: Failure) => error,
  );

const compile = (options: ModelParallelOptions, model = net()) =>
  model.compile({ loss: 'mse', session: session(), strategy: modelParallel(options) });

describe('rules of modelParallel', () => {
  const refused: readonly [why: string, given: ModelParallelOptions, code: string, says: string][] =
    [
      [
        'a weight that is not there',
        { layout: [['dens/kernel', { axis: 0, over }]] },
        'NAME_UNKNOWN',
        'did you mean dense/kernel?',
      ],
      [
        'a pattern that fits a part of a path only',
        { layout: [['kernel', { axis: 0, over }]] },
        'NAME_UNKNOWN',
        'weights: dense/kernel, dense/bias, dense_1/kernel, dense_1/bias.',
      ],
      [
        'a layer that is not there',
        { devices: [['conv.*', 'js:1']] },
        'NAME_UNKNOWN',
        'layers: dense, dense_1.',
      ],
      ['what is no pattern', { devices: [['dense(', 'js:1']] }, 'ATTRIBUTE_INVALID', '"dense("'],
      [
        'an axis that a weight does not have',
        { layout: [['dense/bias', { axis: 1, over }]] },
        'ATTRIBUTE_INVALID',
        'axis',
      ],
      [
        'more devices than elements',
        { layout: [['dense_1/kernel', { axis: 1, over: ['js:0', 'js:1', 'js:2'] }]] },
        'ATTRIBUTE_INVALID',
        'axis 1 has 2 elements for 3 devices',
      ],
      [
        'a device that the session does not have',
        { layout: [['dense/kernel', { axis: 1, over: ['js:0', 'js:8'] }]] },
        'PLACEMENT_CONFLICT',
        'js:8',
      ],
      ['a layer on such a device', { devices: [['dense', 'js:9']] }, 'PLACEMENT_CONFLICT', 'js:9'],
      ['an option that is none', { layers: [] } as never, 'ATTRIBUTE_INVALID', 'layers'],
    ];
  for (const [why, given, code, says] of refused) {
    it(`refuse ${why}`, () => {
      const failure = refusal(() => compile(given));
      expect(failure.code).to.equal(code);
      expect(failure.message).to.contain(says);
    });
  }

  it('take the first that fits, whole paths or a search of one', () => {
    const model = net();
    compile(
      {
        devices: [
          ['dense_1', 'js:2'],
          [/^dense/, 'js:1'],
        ],
        layout: [[/kernel$/, { axis: 1, over }]],
      },
      model,
    );
    expect(model.layers.map(({ device }) => device)).to.deep.equal(['js:1', 'js:2']);
    const text = String(model.session.explain(model.weights.map(({ variable }) => variable)));
    expect(text).to.match(/dense\/kernel\[:, 0:2\]".*on js:0/);
    expect(text).to.match(/"dense\/bias".*on js:1/);
    expect(text).to.match(/"dense_1\/bias".*on js:2/);
  });

  it('hold for layers inside of a layer, unless those have one of their own', () => {
    const block = sequential({
      name: 'encoder',
      layers: [layers.dense({ units: 4, inputShape: [3] }), layers.dense({ units: 4 })],
    });
    const model = sequential({ layers: [block, layers.dense({ name: 'head', units: 2 })] });
    compile(
      {
        devices: [
          ['encoder', 'js:1'],
          ['encoder/dense_1', 'js:2'],
        ],
      },
      model,
    );
    const text = String(model.session.explain(model.weights.map(({ variable }) => variable)));
    expect(text).to.match(/dense\/kernel".*float32\[3, 4\].*on js:1/);
    expect(text).to.match(/kernel".*float32\[4, 4\].*on js:2/);
    expect(text).to.match(/kernel".*float32\[4, 2\].*on js:0/);
  });

  it('put the work of a layer on its device, and that of its weights beside them', async () => {
    const model = net();
    compile({ devices: [['dense_1', 'js:1']] }, model);
    await model.trainOnBatch(x, y);
    const variable = weightOf(model, 2);
    const slot = model.compiled.optimizer.variables().find(({ name }) => name === 'velocity/2');
    const text = String(model.session.explain([variable, slot?.variable as Variable]));
    expect(text.match(/kernel.*on js:1/g)).to.have.length(2);
  });

  it('wait until a model is built, by compile or by fit', async () => {
    const options: ModelParallelOptions = { layout: [['dense_1/kernel', { axis: 0, over }]] };
    for (const early of [true, false]) {
      const model = net({ built: false });
      const strategy = modelParallel(options);
      model.compile({ loss: 'mse', session: session(), ...(early ? { strategy } : {}) });
      await model.fit(x, y, { verbose: 0, ...(early ? {} : { strategy }) });
      const text = String(model.session.explain(weightOf(model, 2)));
      expect(text).to.contain('dense_1/kernel[0:2, :]').and.to.contain('dense_1/kernel[2:4, :]');
    }
    const wrong = net({ built: false });
    wrong.compile({
      loss: 'mse',
      session: session(),
      strategy: modelParallel({ devices: [['other', 'js:0']] }),
    });
    expect((await later(wrong.fit(x, y, { verbose: 0 }))).code).to.equal('NAME_UNKNOWN');
  });

  it('come too late for weights that have values, which fit and compile say', async () => {
    const strategy = modelParallel({ layout: [['dense/kernel', { axis: 0, over }]] });
    const model = net();
    model.compile({ loss: 'mse', session: session() });
    const [before] = await model.getWeights();
    const failure = await later(model.fit(x, y, { verbose: 0, strategy }));
    expect(failure.code).to.equal('STATE_INVALID');
    expect(failure.message).to.contain('dense/kernel');
    expect(refusal(() => model.compile({ loss: 'mse', strategy })).code).to.equal('STATE_INVALID');
    expect((await model.getWeights())[0]).to.deep.equal(before);
  });

  it('are the same again in another session, where weights begin anew', async () => {
    const model = net();
    compile({ layout: [['dense/kernel', { axis: 0, over: ['js:1', 'js:2'] }]] }, model);
    await model.trainOnBatch(x, y);
    model.useSession(session());
    await model.trainOnBatch(x, y);
    const text = String(model.session.explain(weightOf(model, 0)));
    expect(text).to.contain('dense/kernel[0:2, :]');
  });

  it('serve shared layers and models of several inputs', async () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })];
    const shared = layers.dense({ name: 'shared', units: 4 });
    const joined = layers.add().apply([shared.apply(a), shared.apply(b)]);
    const model = functional({ inputs: [a, b], outputs: joined });
    const plain = (await model.predict([x, x])) as HostTensor;
    const weights = await model.getWeights();
    model.compile({
      loss: 'mse',
      session: session(),
      strategy: modelParallel({ layout: [['shared/.*', { axis: -1, over }]] }),
    });
    await model.setWeights(weights);
    expect(((await model.predict([x, x])) as HostTensor).data).to.deep.equal(plain.data);
  });

  it('refuse what is no strategy', () => {
    const wrong = { strategy: { mode: 'sync' } as never, loss: 'mse' };
    expect(refusal(() => net().compile(wrong)).code).to.equal('ATTRIBUTE_INVALID');
  });
});
