import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  add,
  assignSub,
  gradients,
  matMul,
  mul,
  placeholder,
  Session,
  sub,
  sum,
  variable,
} from '@tenon/core';
import { expect } from 'chai';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of heap and of array buffers that are still in use; what is finalised needs turns of its own. */
async function usedBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('memory', () => {
  it('stays flat over 10,000 training steps', async () => {
    const session = new Session();
    const x = placeholder({ shape: [null, 4] });
    const w = variable([[1], [2], [3], [4]], { name: 'w' });
    const error = sub(matMul(x, w), 1);
    const loss = sum(mul(error, error));
    const [dw] = gradients(loss, [w]);
    const step = session.prepare([loss, assignSub(w, mul(dw as never, 1e-3))], [x]);
    const batch = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const run = (steps: number) => {
      for (let i = 0; i < steps; i++) step.sync(batch);
    };
    run(1000);
    const before = await usedBytes();
    run(10_000);
    expect((await usedBytes()) - before).to.be.below(4 * 2 ** 20);
  });

  it('stays flat when the graph is built anew for every step', async () => {
    const session = new Session({ programs: 8 });
    const x = placeholder({ shape: [null] });
    const run = (steps: number) => {
      for (let i = 0; i < steps; i++) session.runSync(add(mul(x, 2), 1), { feeds: [[x, [1, 2]]] });
    };
    run(300);
    const before = await usedBytes();
    run(3000);
    expect((await usedBytes()) - before).to.be.below(4 * 2 ** 20);
  });

  it('is given back for programs that fall out of the cache', async () => {
    const session = new Session({ programs: 4 });
    const x = placeholder({ shape: [null] });
    const y = add(mul(x, x), 1);
    const run = (from: number, to: number) => {
      for (let size = from; size < to; size++)
        session.runSync(y, { feeds: [[x, new Float32Array(100_000 + size)]] });
    };
    run(0, 10);
    const before = await usedBytes();
    run(10, 130);
    expect((await usedBytes()) - before).to.be.below(64 * 2 ** 20);
  });

  it('of a variable is given back when nothing knows it any more', async () => {
    const session = new Session({ programs: 2 });
    const use = async () => {
      const w = variable(new Float32Array(100_000), { name: 'w' });
      await session.run(assignSub(w, 1));
    };
    for (let i = 0; i < 60; i++) await use();
    const before = await usedBytes();
    for (let i = 0; i < 120; i++) await use();
    // 120 variables take 48 MB.
    expect((await usedBytes()) - before).to.be.below(12 * 2 ** 20);
  });
});
