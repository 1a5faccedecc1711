import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import { BatchQueue } from '../../src/coordinator/batch-queue.js';
import type { Batch } from '../../src/coordinator/commit.js';

const of = (...sizes: number[]): BatchQueue => {
  const queue = new BatchQueue();
  for (const size of sizes) queue.offer(size);
  return queue;
};

describe('BatchQueue', () => {
  it('gives batches in their order, the same until it is applied, and is done after the last', () => {
    const queue = of(3, 2);
    const first = queue.acquire(0) as Batch;
    expect([first.from, first.to, queue.acquire(0)]).to.deep.equal([0, 3, first]);
    const second = queue.acquire(1) as Batch;
    expect([second.from, second.to, queue.acquire(2)]).to.deep.equal([3, 5, undefined]);
    queue.end();
    for (const [worker, batch] of [first, second].entries()) queue.hold(batch, worker);
    expect([queue.exhausted, queue.done]).to.deep.equal([true, false]);
    for (const batch of [first, second]) queue.apply(batch);
    expect([queue.exhausted, queue.done, queue.applied]).to.deep.equal([false, true, 5]);
  });

  it('goes back to a state that names batches which were taken back', () => {
    const queue = of(3, 2, 1);
    const state = queue.checkpoint();
    const first = queue.acquire(0) as Batch;
    queue.cut();
    queue.hold(first, 0);
    queue.apply(first);
    queue.restore(state);
    expect([queue.acquire(1)?.from, queue.acquire(2)?.from, queue.done]).to.deep.equal([
      0,
      0,
      false,
    ]);
    queue.apply(first);
    expect([queue.done, queue.applied]).to.deep.equal([true, 3]);
  });

  it('refuses a state of batches that were not offered', () => {
    const state = { applied: 0, left: [7], offered: 9 };
    expect(() => of(3).restore(state)).to.throw(GraphError, 'not offered');
  });

  it('gives away what a worker was given by an answer that came late, once it commits another batch', () => {
    const queue = of(3, 2);
    const first = queue.acquire(0) as Batch;
    queue.acquire(1);
    queue.end();
    expect(queue.acquire(2)?.from).to.equal(0);
    // The answer to a repeated question names another batch, while worker 0 works on the first.
    expect(queue.acquire(0)?.from).to.equal(3);
    expect(queue.current(first, 0)).to.equal(true);
    queue.hold(first, 0);
    expect(queue.acquire(2)?.from).to.equal(3);
  });
});
