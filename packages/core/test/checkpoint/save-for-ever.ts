import { saveCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { hostTensor } from '../../src/graph/host-tensor.js';

// Saves one checkpoint after the other until it is killed, and says each time that one is complete.
const [directory = '', start = '0'] = process.argv.slice(2);
for (let step = Number(start); ; step++) {
  const tensors = Object.fromEntries(
    Array.from({ length: 4 }, (_, i) => [`t${i}`, hostTensor(new Float32Array(5000).fill(step))]),
  );
  await saveCheckpoint(directory, tensors, { step, shardBytes: 20_000 });
  process.stdout.write(`${step}\n`);
}
