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

/** Bytes of heap and of array buffers; garbage is collected before where the process allows it. */
function usedBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('memory', () => {
  it('stays flat over 10,000 training steps', () => {
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
    const before = usedBytes();
    run(10_000);
    // Without a collection on demand the heap swings by the size of its young generation.
    expect(usedBytes() - before).to.be.below(24 * 2 ** 20);
  });

  it('stays flat when the graph is built anew for every step', () => {
    const session = new Session({ programs: 8 });
    const x = placeholder({ shape: [null] });
    const run = (steps: number) => {
      for (let i = 0; i < steps; i++) session.runSync(add(mul(x, 2), 1), { feeds: [[x, [1, 2]]] });
    };
    run(300);
    const before = usedBytes();
    run(3000);
    expect(usedBytes() - before).to.be.below(24 * 2 ** 20);
  });

  it('is given back for programs that fall out of the cache', () => {
    const session = new Session({ programs: 4 });
    const x = placeholder({ shape: [null] });
    const y = add(mul(x, x), 1);
    const run = (from: number, to: number) => {
      for (let size = from; size < to; size++)
        session.runSync(y, { feeds: [[x, new Float32Array(100_000 + size)]] });
    };
    run(0, 10);
    const before = usedBytes();
    run(10, 130);
    expect(usedBytes() - before).to.be.below(64 * 2 ** 20);
  });
});
