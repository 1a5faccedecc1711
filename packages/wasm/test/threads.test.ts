import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GraphError } from '@tenon/core';
import { expect } from 'chai';
import { availableThreads, sharedMemoryWorks } from '../src/threads/count.js';
import { countingModule } from './threads-counting.js';
import { Device } from './threads-device.js';

describe('threads', () => {
  const devices: Device[] = [];
  const device = (threads: number): Device => {
    const made = new Device(threads);
    devices.push(made);
    return made;
  };
  afterEach(async () => {
    await Promise.all(devices.splice(0).map(({ pool }) => pool.close()));
  });

  it('are as many as the machine runs at once', () => {
    expect(sharedMemoryWorks()).to.equal(true);
    expect(availableThreads()).to.be.at.least(1);
  });

  for (const threads of [2, 3])
    it(`see what the others wrote before a barrier: ${threads} threads, 10,000 steps`, () => {
      const made = device(threads);
      const program = made.load(countingModule());
      made.whole(program, program);
      for (let i = 0; i < 10_000; i++) program.run(i % 2);
      expect(made.counts).to.deep.equal({ turns: 5000 * threads, wrong: 0 });
      program.run(5000);
      expect(made.counts).to.deep.equal({ turns: 10_000 * threads, wrong: 0 });
    });

  it('run with the threads that are ready while programs come and go', () => {
    const made = device(2);
    const first = made.load(countingModule());
    made.whole(first, first);
    const used: number[] = [];
    for (let i = 0; i < 20; i++) {
      const next = made.load(countingModule());
      used.push(made.pool.ready(next.id));
      first.run(10);
      made.whole(next, first);
      next.run(10);
      first.run(10);
      expect(made.counts).to.deep.equal({ turns: 40, wrong: 0 });
      made.pool.unload(next.id);
      expect(made.pool.ready(next.id)).to.equal(1);
    }
    expect(used).to.satisfy((list: number[]) => list.every((n) => n === 1 || n === 2));
  });

  it('take no more threads than asked for', () => {
    const made = device(3);
    const program = made.load(countingModule());
    made.whole(program, program);
    for (let i = 0; i < 100; i++) program.run(1, 1 + (i % 3));
    expect(made.counts).to.deep.equal({ turns: 199, wrong: 0 });
  });

  it('compute alone inside of a step, where a host function runs another program', () => {
    const made = device(2);
    const inner = made.load(countingModule());
    const outer = made.load(countingModule({ calls: true }), () => inner.run(3));
    made.whole(outer, inner);
    outer.run(1);
    expect(made.counts).to.deep.equal({ turns: 2 + 3, wrong: 0 });
  });

  it('stop a step in which a worker traps, and leave the work to the calling thread', () => {
    const made = device(3);
    const good = made.load(countingModule());
    const bad = made.load(countingModule({ trap: 1 }));
    made.whole(bad, good);
    expect(() => bad.run(10))
      .to.throw(GraphError, /a thread stopped: RuntimeError: unreachable/)
      .with.property('code', 'RUN_FAILED');
    expect([made.pool.size, made.pool.ready(good.id)]).to.deep.equal([1, 1]);
    made.forget();
    good.run(10);
    expect(made.counts).to.deep.equal({ turns: 10, wrong: 0 });
  });

  it('let the workers go when the calling thread traps', () => {
    const made = device(2);
    const good = made.load(countingModule());
    const bad = made.load(countingModule({ trap: 0 }));
    made.whole(bad, good);
    expect(() => bad.run(10)).to.throw(Error, 'unreachable');
    expect(made.pool.size).to.equal(1);
  });

  it('end with the pool, after which the calling thread does all', async () => {
    const made = device(2);
    const program = made.load(countingModule());
    made.whole(program, program);
    await made.pool.close();
    program.run(7);
    expect([made.pool.size, made.counts]).to.deep.equal([1, { turns: 7, wrong: 0 }]);
  });

  it('let a process exit while they sleep', () => {
    const file = fileURLToPath(new URL('threads-process.ts', import.meta.url));
    const flags = ['--import=tsx', '--conditions=@tenon/source'];
    const said = execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' });
    expect(JSON.parse(said)).to.deep.equal({ turns: 300, wrong: 0 });
  });

  it('are not started for one thread', () => {
    const made = device(1);
    const program = made.load(countingModule());
    program.run(7);
    expect([made.pool.size, made.counts]).to.deep.equal([1, { turns: 7, wrong: 0 }]);
  });
});
