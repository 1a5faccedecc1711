import { control, workerLine } from './control.js';

/**
 * The program of a worker, as plain JavaScript: so it runs from sources, from the build and from bundles alike. Its messages:
 * `{ memory, line, spins, idle }` first, then `{ id, module }` to load a program and `{ id }` to drop one. When it has
 * taken all that were sent it stays inside of `serve`, where calls reach it without its event loop.
 */
export const workerSource = `'use strict';
const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
const port = node ? node.parentPort : globalThis;
const control = ${JSON.stringify(control)};
const line = ${JSON.stringify(workerLine)};
const steps = new Map();
let start, words, at;
let turn = 0;

const abort = (error) => {
  const text = new TextEncoder().encode(String(error)).subarray(0, control.bytes - control.error - 4);
  new Uint8Array(start.memory.buffer, control.error + 4, text.length).set(text);
  words[control.error / 4] = text.length;
  Atomics.store(words, at(line.taken), -1);
  Atomics.store(words, control.aborted / 4, 1);
  Atomics.add(words, control.generation / 4, 1);
  Atomics.notify(words, control.generation / 4);
};

const wait = (seen) => {
  const end = performance.now() + start.idle;
  do {
    for (let i = 0; i < 100; i++) if (Atomics.load(words, at(line.signal)) !== seen) return;
  } while (performance.now() < end);
  Atomics.store(words, at(line.sleeping), 1);
  Atomics.wait(words, at(line.signal), seen);
  Atomics.store(words, at(line.sleeping), 0);
};

const serve = () => {
  for (;;) {
    const seen = Atomics.load(words, at(line.signal));
    const asked = Atomics.load(words, at(line.turn));
    if (asked !== turn) {
      turn = asked;
      const step = steps.get(words[control.program / 4]);
      step(words[at(line.thread)], words[control.threads / 4], words[control.phase / 4]);
    } else if (Atomics.load(words, at(line.posted)) !== words[at(line.taken)]) {
      return;
    } else {
      wait(seen);
    }
  }
};

const take = (message) => {
  if (message.memory) {
    start = message;
    words = new Int32Array(message.memory.buffer, 0, control.bytes / 4);
    at = (offset) => (message.line + offset) / 4;
  } else if (message.module) {
    const host = { memory: start.memory, spins: start.spins, call() {} };
    steps.set(message.id, new WebAssembly.Instance(message.module, { host }).exports.step);
  } else {
    steps.delete(message.id);
  }
};

// A worker that cannot load a program is not used any more; one that stops inside of a step would be waited for.
port.onmessage = ({ data }) => {
  if (words && words[at(line.taken)] < 0) return;
  try {
    take(data);
    Atomics.add(words, at(line.taken), 1);
  } catch {
    Atomics.store(words, at(line.taken), -1);
    return;
  }
  try {
    serve();
  } catch (error) {
    abort(error);
  }
};
`;
