/** A table of vectors over two devices: which of 10,000 users likes which of 40 films, learned without moving the table. */
import * as tn from 'tenon';

const users = 10_000;
const films = 40;
const size = 8;

/** Pseudo-random whole numbers below `limit`, the same in each run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Users like films of their own kind: those with the same remainder. Eighty users, anywhere in the table, have rated. */
function ratings(count: number, seed: number) {
  const next = numbers(seed);
  const kinds = 4;
  const pairs = Array.from({ length: count }, (_, i) => {
    const user = next(20) * (users / 20) + next(kinds);
    const film =
      next(films / kinds) * kinds + ((user + (i % 2 === 0 ? 0 : 1 + next(kinds - 1))) % kinds);
    return { user, film, likes: i % 2 === 0 ? 1 : 0 };
  });
  const column = (name: 'user' | 'film' | 'likes') => pairs.map((pair) => [pair[name]]);
  return { x: { user: column('user'), film: column('film') }, y: column('likes') };
}

const user = tn.input({ shape: [1], dtype: 'int32', name: 'user' });
const film = tn.input({ shape: [1], dtype: 'int32', name: 'film' });
const tables = [
  tn.layers.embedding({ inputDim: users, outputDim: size, name: 'users' }).apply(user),
  tn.layers.embedding({ inputDim: films, outputDim: size, name: 'films' }).apply(film),
];
const both = tn.layers.flatten().apply(tn.layers.multiply({}).apply(tables));
const likes = tn.layers.dense({ units: 1, activation: 'sigmoid', name: 'likes' }).apply(both);
const model = tn.model({ inputs: [user, film], outputs: likes, name: 'taste' });

// Two devices of this process; with a ClusterSession they are workers: '/job:worker/task:0'.
const session = new tn.Session({ devices: [tn.js({ index: 0 }), tn.js({ index: 1 })] });
const strategy = tn.modelParallel({
  layout: [['users/embeddings', { axis: 0, over: ['js:0', 'js:1'] }]],
});
model.compile({
  optimizer: tn.adam({ learningRate: 0.02 }),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
  session,
  strategy,
});

const training = ratings(1536, 1);
const { history } = await model.fit(training.x, training.y, {
  epochs: 8,
  batchSize: 128,
  verbose: 0,
});
console.log(`loss by epoch: ${history.loss?.map((loss) => loss.toFixed(3)).join(' ')}`);
const test = ratings(256, 2);
const { accuracy = 0 } = await model.evaluate(test.x, test.y, { batchSize: 256 });
console.log(`test accuracy: ${accuracy.toFixed(3)}`);

// The weights are whole to whoever reads or saves them; where they lie is told by explain.
const [table] = model.weights.map(({ variable }) => variable) as [tn.Variable];
const { shape } = (await model.getWeights())[0] as tn.HostTensor;
console.log(`users/embeddings: ${shape.join(' x ')}`);
for (const [, piece, device] of String(session.explain(table)).matchAll(
  /embeddings(\[[^"]*\]).* on (\S+)/g,
))
  console.log(`  ${piece} on ${device}`);
