import { add, assign, js, mul, variable, withDevice } from '@tenon/core';
import { ClusterSession, MemoryTransport, Worker } from '../../../src/index.js';
import { failure } from '../../failure.js';
import { MortalMaster } from '../../master/mortal-master.js';
import { emptyDisk, fillDisk } from './disk.js';

// A master whose directory has no room for a while, and what its clients see.
const [state = ''] = process.argv.slice(2);
const worker: Worker = new Worker({
  job: 'worker',
  task: 0,
  devices: [js()],
  transport: () => new MemoryTransport(() => worker),
});
// Sessions that the worker holds.
let held = 0;
const { createWorkerSession, deleteWorkerSession } = worker.handlers;
Object.assign(worker.handlers, {
  createWorkerSession(...args: Parameters<typeof createWorkerSession>) {
    held++;
    return createWorkerSession(...args);
  },
  deleteWorkerSession(...args: Parameters<typeof deleteWorkerSession>) {
    held--;
    return deleteWorkerSession(...args);
  },
});
const master = new MortalMaster([worker], state);
const session = new ClusterSession({ target: master.target });
const at = <T>(build: () => T) => withDevice('/job:worker/task:0', build);
const v = at(() => variable([1]));
const step = session.prepare(assign(v, add(v, 1)));
await step();

fillDisk();
const w = at(() => variable([10]));
await session.write(w, [20]);
const other = new ClusterSession({ target: master.target });
// The first is told of the variable, the second has the graph made, the third begins a session.
const errors = [
  await failure(session.read(w)),
  await failure(session.run(mul(v, 3))),
  await failure(other.run(mul(2, 3))),
];

const heldWhenFull = held;

emptyDisk();
// Another life of the master knows all that was told.
await session.read(w);
master.kill();
master.start();
await step();
const tripled = (await session.run(mul(v, 3))).array();
const values = [(await session.read(v)).array(), (await session.read(w)).array()];
for (const one of [session, other]) await one.close();
process.send?.({ codes: errors.map(({ code }) => code), tripled, values, heldWhenFull });
worker.close();
