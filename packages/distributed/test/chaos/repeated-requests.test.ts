import { js, Session } from '@tenon/core';
import { expect } from 'chai';
import {
  ClusterSession,
  localConnection,
  Master,
  MasterService,
  MemoryTransport,
  Worker,
  WorkerService,
} from '../../src/index.js';
import { batch, training, undisturbed, valuesOf } from './training.js';

const steps = 8;

type AnyCall = (request: never, ...rest: never[]) => Promise<unknown>;
/** When the second copy of a request arrives. */
type Moment = 'at once' | 'after the answer' | 'after the next request';

/** What became of second copies: `same` answers, or codes of errors. */
type Outcomes = Map<string, Set<string>>;

/** Calls whose requests of some methods arrive twice; callers hear the first answer. */
function repeating<C extends object>(
  calls: C,
  methods: readonly string[],
  { moment, outcomes }: { readonly moment: Moment; readonly outcomes: Outcomes },
): C {
  let late: (() => Promise<void>)[] = [];
  const entries = Object.entries(calls as Record<string, AnyCall>).map(([method, call]) => {
    if (!methods.includes(method)) return [method, call] as const;
    const note = (outcome: string) => {
      const known = outcomes.get(method) ?? new Set();
      outcomes.set(method, known.add(outcome));
    };
    const twice = async (...args: Parameters<AnyCall>) => {
      const before = late;
      late = [];
      const answer = call(...args);
      const again = async () => {
        const [first, second] = await Promise.allSettled([answer, call(...args)]);
        if (second.status === 'rejected') note(second.reason.code);
        else note(JSON.stringify(second) === JSON.stringify(first) ? 'same' : 'another answer');
      };
      const copies = moment === 'at once' ? [again()] : [];
      for (const one of before) copies.push(one());
      const value = await answer;
      if (moment === 'after the answer') copies.push(again());
      if (moment === 'after the next request') late.push(again);
      await Promise.all(copies);
      return value;
    };
    return [method, twice] as const;
  });
  return Object.fromEntries(entries) as C;
}

/** A training over a client, a master and two workers, in which requests come twice. */
async function trained(of: 'client' | 'master', methods: readonly string[], moment: Moment) {
  const outcomes: Outcomes = new Map();
  const twice = <C extends object>(from: 'client' | 'master', calls: C): C =>
    from === of ? repeating(calls, methods, { moment, outcomes }) : calls;
  const workers = new Map<string, Worker>();
  for (const job of ['worker', 'ps']) {
    const transport = () => new MemoryTransport((name) => workers.get(name));
    const worker = new Worker({ job, task: 0, devices: [js()], transport });
    workers.set(worker.name, worker);
  }
  const members = [...workers.values()].map(({ name, handlers }) => {
    const { calls, close } = localConnection(WorkerService, handlers);
    return { name, address: '', connection: { calls: twice('master', calls), close } };
  });
  const master = new Master({ members });
  const { calls, close } = localConnection(MasterService, master.handlers);
  const session = new ClusterSession({
    target: { calls: twice('client', calls), close },
    seed: 11,
  });
  const own = training();
  const step = session.prepare([...own.update], [own.x]);
  for (let n = 0; n < steps; n++) await step(batch(n));
  const values = await valuesOf(session, own.variables);
  await session.close();
  await master.close();
  for (const worker of workers.values()) worker.close();
  return { values, outcomes: Object.fromEntries([...outcomes].map(([k, v]) => [k, [...v]])) };
}

describe('requests that arrive twice', () => {
  let expected: unknown;
  before(async () => {
    expected = await undisturbed(new Session({ seed: 11 }), steps);
  });

  const cases = [
    ['client', 'runCallable', 'at once', ['same']],
    ['client', 'runCallable', 'after the answer', ['same']],
    // The graph of the first run was released meanwhile.
    ['client', 'runCallable', 'after the next request', ['STATE_INVALID', 'RUN_ABORTED']],
    ['client', 'makeCallable', 'after the answer', ['same']],
    ['client', 'releaseCallable', 'after the answer', ['same']],
    ['master', 'runGraph', 'at once', ['RUN_ABORTED']],
    ['master', 'runGraph', 'after the answer', ['RUN_ABORTED']],
    ['master', 'runGraph', 'after the next request', ['RUN_ABORTED']],
    ['master', 'commitGraph', 'at once', ['same']],
    ['master', 'commitGraph', 'after the answer', ['same']],
    ['master', 'commitGraph', 'after the next request', ['STATE_INVALID']],
    ['master', 'registerGraph', 'after the answer', ['same']],
  ] as const;

  for (const [of, method, moment, answers] of cases) {
    it(`${method} of a ${of}, again ${moment}: nothing is done twice (${answers})`, async () => {
      const { values, outcomes } = await trained(of, [method], moment);
      expect(values).to.deep.equal(expected);
      expect(outcomes[method]).to.deep.equal(answers);
    });
  }
});
