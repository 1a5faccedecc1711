/** A functional model with two inputs and a shared layer: do two noisy signals have the same source? */
import * as tn from 'tenon';

const sources = 4;
const length = 12;

/** Pseudo-random numbers in -1 ... 1, the same in each run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Pairs of signals; the answer is 1 where both come from one source, which is so for half of them. */
function pairs(count: number, seed: number) {
  const next = noise(seed);
  const pick = () => Math.floor(((next() + 1) / 2) * sources);
  const signal = (source: number) =>
    Array.from({ length }, (_, t) => Math.sin((source + 1) * t) + 0.3 * next());
  const chosen = Array.from({ length: count }, (_, i) => {
    const first = pick();
    const second = i % 2 === 0 ? first : (first + 1 + (pick() % (sources - 1))) % sources;
    return { left: signal(first), right: signal(second), same: first === second ? 1 : 0 };
  });
  return {
    x: { left: chosen.map(({ left }) => left), right: chosen.map(({ right }) => right) },
    y: chosen.map(({ same }) => [same]),
  };
}

const left = tn.input({ shape: [length], name: 'left' });
const right = tn.input({ shape: [length], name: 'right' });

// One layer, used twice: both signals are seen through the same weights.
const encoder = tn.layers.dense({ units: 16, activation: 'tanh', name: 'encoder' });
const difference = tn.layers.subtract({}).apply([encoder.apply(left), encoder.apply(right)]);
const hidden = tn.layers.dense({ units: 32, activation: 'relu' }).apply(difference);
const same = tn.layers.dense({ units: 1, activation: 'sigmoid', name: 'same' }).apply(hidden);

const model = tn.model({ inputs: [left, right], outputs: same, name: 'pairs' });
model.summary();
model.compile({
  optimizer: tn.adam({ learningRate: 0.01 }),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
});

const training = pairs(512, 1);
const { history } = await model.fit(training.x, training.y, {
  epochs: 15,
  batchSize: 32,
  verbose: 0,
});
console.log(`loss by epoch: ${history.loss?.map((loss) => loss.toFixed(3)).join(' ')}`);

const test = pairs(256, 2);
const { accuracy = 0 } = await model.evaluate(test.x, test.y, { batchSize: 256 });
console.log(`test accuracy: ${accuracy.toFixed(3)}`);
