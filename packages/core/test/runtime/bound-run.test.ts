import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  assignAdd,
  type BoundRun,
  cast,
  type Device,
  defineOp,
  hostTensor,
  js,
  mul,
  placeholder,
  Session,
  sum,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf, rejection } from '../graph-error.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function ready<R>(run: BoundRun<R>): Promise<BoundRun<R>> {
  for (let wait = run.ready(); wait; wait = run.ready()) await wait;
  return run;
}

/** A running sum: gives what was there before. */
function counter(session = new Session()) {
  const x = placeholder({ shape: [null], name: 'x' });
  const total = variable(0, { name: 'total' });
  const callable = session.prepare({ total, doubled: mul(x, 2), next: assignAdd(total, sum(x)) }, [
    x,
  ]);
  return { session, x, total, callable };
}

const asynchronous = (): Device =>
  Object.assign(Object.create(js()), {
    name: 'js:0',
    synchronous: false,
    compile(...args: Parameters<Device['compile']>) {
      const executable = js().compile(...args);
      return Object.assign(Object.create(executable), {
        input: undefined,
        output: undefined,
        run: async (context: never) => executable.run(context),
        read: async (index: number) => executable.read(index),
        write: (index: number, value: never) => executable.write(index, value),
        commit: () => executable.commit(),
        free: () => executable.free(),
      });
    },
  });

describe('a bound run', () => {
  it('takes inputs where they lie or copied, and gives results as they were before its updates', async () => {
    const { session, total, callable } = counter();
    const run = await ready(callable.bind([[3]]));
    expect(run.inputs).to.deep.equal([{ dtype: 'float32', shape: [3] }]);
    run.input(0)?.set([1, 2, 3] as never);
    expect(run.run()).to.equal(undefined);
    const first = run.read();
    run.write(0, hostTensor([4, 5, 6]));
    run.run();
    const { doubled, ...scalars } = run.read();
    expect({
      before: first.total.item(),
      between: scalars.total.item(),
      next: scalars.next.item(),
      doubled: doubled.array(),
      inPlace: [run.value(0)[0], [...run.value(1)], run.value(2)[0]],
      after: (await session.read(total)).item(),
    }).to.deep.equal({
      before: 0,
      between: 6,
      next: 21,
      doubled: [8, 10, 12],
      inPlace: [6, [8, 10, 12], 21],
      after: 21,
    });
  });

  it('is the same run for the same shapes, beside one for the last, smaller batch', async () => {
    const { session, callable } = counter();
    const [full, rest] = [await ready(callable.bind([[2]])), await ready(callable.bind([[1]]))];
    for (const [run, values] of [
      [full, [1, 2]],
      [rest, [3]],
      [full, [4, 5]],
    ] as const) {
      run.input(0)?.set(values as never);
      run.run();
    }
    expect([callable.bind([[2]]) === full, full.value(2)[0], session.runs]).to.deep.equal([
      true,
      15,
      3,
    ]);
  });

  it('keeps its results when a call of the same program comes after it', async () => {
    const { callable } = counter();
    const run = await ready(callable.bind([[1]]));
    run.write(0, hostTensor([1]));
    run.run();
    callable.sync([10]);
    expect([run.read().doubled.array(), run.value(2)[0]]).to.deep.equal([[2], 1]);
  });

  it('waits for runs that were asked for before it, and for asynchronous devices', async () => {
    for (const device of [js(), asynchronous()]) {
      const { session, callable } = counter(new Session({ devices: [device] }));
      const run = callable.bind([[1]]);
      const before = callable([5]);
      expect(codeOf(() => run.run())).to.equal('STATE_INVALID');
      await ready(run);
      run.write(0, hostTensor([1]));
      await run.run();
      expect([(await before).next.item(), run.value(0)[0], run.read().next.item()]).to.deep.equal([
        5, 5, 6,
      ]);
      expect(session.idle).to.equal(true);
    }
  });

  it('feeds every device that uses a value', async () => {
    const session = new Session({ devices: [js(), js({ index: 1 })] });
    const x = placeholder({ shape: [2] });
    const there = withDevice('js:1', () => mul(x, 10));
    const run = await ready(session.prepare([mul(x, 2), there], [x]).bind([[2]]));
    run.write(0, hostTensor([1, 2]));
    await run.run();
    expect(run.read().map((value) => value.array())).to.deep.equal([
      [2, 4],
      [10, 20],
    ]);
  });

  it('writes half precision through the device, and has no memory of it to give', async () => {
    const x = placeholder({ shape: [1], dtype: 'float16' });
    const run = await ready(
      new Session().prepare([mul(x, 2), cast(x, { dtype: 'float32' })], [x]).bind([[1]]),
    );
    expect(run.input(0)).to.equal(undefined);
    run.write(0, hostTensor([1.5], { dtype: 'float16' }));
    run.run();
    expect([run.value(0)[0], run.value(1)[0]]).to.deep.equal([3, 1.5]);
  });

  it('has no results after a failed run, and runs again', async () => {
    const positive = defineOp({
      name: 'positive',
      inputs: ['x'],
      role: 'host',
      infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
      grad: null,
      run({ x }) {
        if (x.item() < 0) throw new Error('negative');
        return x;
      },
    });
    const x = placeholder({ shape: [] });
    const run = await ready(new Session().prepare(positive(x), [x]).bind([[]]));
    expect(codeOf(() => run.read())).to.equal('STATE_INVALID');
    const results = [1, -1, 2].map((value) => {
      run.write(0, hostTensor(value));
      return [codeOf(() => run.run()), codeOf(() => run.value(0))];
    });
    expect(results).to.deep.equal([
      [undefined, undefined],
      ['RUN_FAILED', 'STATE_INVALID'],
      [undefined, undefined],
    ]);
  });

  it('names shapes that do not fit and sessions that are closed', async () => {
    const { session, callable } = counter();
    const run = await ready(callable.bind([[1]]));
    expect([
      codeOf(() => callable.bind([[1, 1]])),
      codeOf(() => callable.bind([])),
      codeOf(() => callable.bind([[2]]).input(0)),
    ]).to.deep.equal(['FEED_INVALID', 'FEED_MISSING', 'STATE_INVALID']);
    session.close();
    expect([
      codeOf(() => run.run()),
      codeOf(() => run.read()),
      (await rejection(Promise.resolve(callable.bind([[3]]).ready()))).code,
    ]).to.deep.equal(['SESSION_CLOSED', 'SESSION_CLOSED', 'SESSION_CLOSED']);
  });

  it('is compiled again when its program fell out of the cache', async () => {
    const { callable } = counter(new Session({ programs: 1 }));
    const run = await ready(callable.bind([[1]]));
    for (const size of [2, 3, 4]) await ready(callable.bind([[size]]));
    expect(codeOf(() => run.input(0))).to.equal('STATE_INVALID');
    await ready(run);
    run.write(0, hostTensor([1]));
    run.run();
    expect(run.value(2)[0]).to.equal(1);
  });

  it('allocates nothing in a step', async () => {
    const x = placeholder({ shape: [2] });
    const run = await ready(new Session().prepare(mul(x, 2), [x]).bind([[2]]));
    const steps = (count: number) => {
      for (let i = 0; i < count; i++) {
        if (run.ready() || !run.input(0)) throw new Error('must not wait');
        run.run();
        if (!run.value(0)) throw new Error('must have a result');
      }
    };
    // The engine's own compiler allocates until it has seen enough of a loop.
    const rounds = Array.from({ length: 8 }, () => {
      collect();
      const before = process.memoryUsage().heapUsed;
      steps(20_000);
      return (process.memoryUsage().heapUsed - before) / 20_000;
    });
    expect(Math.min(...rounds)).to.be.below(4);
  });
});
