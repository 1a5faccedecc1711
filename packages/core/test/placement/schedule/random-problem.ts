import fc from 'fast-check';
import type {
  Machine,
  Problem,
  ScheduledValue,
  Task,
} from '../../../src/placement/schedule/problem.js';

const lengths = fc.integer({ min: 1, max: 20 });

const drafts = fc.record({
  tasks: fc.array(
    fc.record({
      seconds: fc.array(lengths, { minLength: 3, maxLength: 3 }),
      bytes: fc.integer({ min: 0, max: 12 }),
      /** Which of the values so far it reads. */
      reads: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      /** Whether it shares the device of a task before it. */
      joins: fc.option(fc.nat({ max: 7 }), { freq: 4 }),
      state: fc.boolean(),
    }),
    { minLength: 2, maxLength: 8 },
  ),
  devices: fc.integer({ min: 2, max: 3 }),
  latency: fc.integer({ min: 0, max: 5 }),
  shared: fc.boolean(),
  limited: fc.boolean(),
  meetingSeconds: fc.integer({ min: 0, max: 4 }),
});

/** Problems of up to eight tasks on two or three devices of different speed. */
export const randomProblem: fc.Arbitrary<Problem> = drafts.map((given): Problem => {
  // Where memory is short, no order can be cut off early: fewer tasks keep brute force quick.
  const draft = given.limited ? { ...given, tasks: given.tasks.slice(0, 5) } : given;
  const values: ScheduledValue[] = [{ from: -1, bytes: 3, kept: false }];
  const groups: number[] = [];
  const tasks = draft.tasks.map(({ seconds, bytes, reads, joins, state }, i): Task => {
    groups.push(joins === null || i === 0 ? i : (groups[joins % i] as number));
    const isState = state && i < 3;
    const read = isState ? [] : [...new Set(reads.map((read) => read % values.length))];
    values.push({ from: i, bytes, kept: i === draft.tasks.length - 1 });
    return {
      seconds: seconds.slice(0, draft.devices).map((value) => (isState ? 0 : value)),
      reads: read,
      group: groups[i] as number,
      stateBytes: isState ? bytes : 0,
    };
  });
  const machines = Array.from(
    { length: draft.devices },
    (_, device): Machine => ({
      processor: draft.shared && device === 2 ? 1 : device,
      bytes: draft.limited ? 30 : Number.POSITIVE_INFINITY,
    }),
  );
  const link = { latency: draft.latency, secondsPerByte: 0.5 };
  return {
    tasks,
    values,
    groups: draft.tasks.length,
    devices: machines,
    links: machines.map(() => machines.map(() => link)),
    feedLinks: machines.map((_, device) => ({ latency: device, secondsPerByte: 0 })),
    meetingSeconds: draft.meetingSeconds,
  };
});
