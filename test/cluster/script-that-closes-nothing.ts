import { add, assign, HostTensor, sgd, variable, withDevice } from '@tenon/core';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { layers, sequential } from '@tenon/layers';

// A script that closes nothing.
const cluster = await createLocalCluster({ tasks: 'threads', workers: 1, parameterServers: 1 });
const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
const sum = withDevice('/job:worker/task:0', () => add(w, 1));
const result = await cluster.session().run(assign(w, sum));
const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
const [x, y] = [
  new HostTensor(new Float32Array(8), [4, 2]),
  new HostTensor(new Float32Array(4), [4, 1]),
];
const strategy = dataParallel({ mode: 'async', cluster });
const { history } = await model.fit(x, y, { verbose: 0, batchSize: 2, epochs: 2, strategy });
console.log(JSON.stringify([result.array(), history.loss]));
