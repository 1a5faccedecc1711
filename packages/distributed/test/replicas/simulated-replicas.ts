import { GraphError, HostTensor } from '@tenon/core';
import type {
  FromReplica,
  PlainTensor,
  StateMessage,
  StepMessage,
  ToReplica,
} from '../../src/replicas/messages.js';
import { type ChannelEvents, Replica } from '../../src/replicas/replica.js';
import type { ReplicaKind } from '../../src/replicas/replica-kind.js';
import { failureOf } from '../../src/transport/failure.js';

/** What happens to a replica at a step: it dies before or after it has taken it, does not go on, fails by itself, or goes astray. */
export type Fault = 'dies' | 'dies after' | 'hangs' | 'fails' | 'strays';

/** The state after a batch: no batch may be missed, repeated or moved. */
export const after = (state: number, batch: readonly number[]): number =>
  (3 * state + batch.reduce((sum, value) => sum + value, 0)) % 10_007;

export const batchOf = (values: readonly number[]): HostTensor[] => [
  new HostTensor(Float32Array.from(values), [values.length]),
];

export const stateOf = (value: number, runs = 0): StateMessage => ({
  state: [scalar(value)],
  totals: [scalar(value)],
  runs,
});

export const scalar = (value: number): PlainTensor => ({
  dtype: 'float32',
  shape: [],
  data: Float32Array.of(value),
});

type Step = Extract<ToReplica, { kind: 'step' }>;

class Member {
  readonly rank: number;
  readonly events: ChannelEvents;
  alive = true;
  hangs = false;
  message: StateMessage = stateOf(0);
  waiting: ToReplica[] = [];

  constructor(rank: number, events: ChannelEvents) {
    this.rank = rank;
    this.events = events;
  }

  answer(message: FromReplica): void {
    if (this.alive) this.events.answer(message);
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.events.ended('was ended by the test.');
  }
}

/** Replicas without threads, whose only weight is a number. `fault` is asked before each step that one of them takes. */
export function simulatedReplicas(fault: (rank: number, run: number) => Fault | undefined) {
  let members: Member[] = [];
  let ended: { error: unknown; who: string } | undefined;
  const fail = (member: Member, number: number, error: unknown) =>
    member.answer({ number, failure: failureOf(error, '') });
  /** Takes what can be taken without a step that waits for others. */
  const turn = (): void => {
    for (const member of members) {
      for (let [next] = member.waiting; next && !member.hangs; [next] = member.waiting) {
        if (next.kind === 'step' && !ended) break;
        member.waiting.shift();
        other(member, next);
      }
    }
    const steps = members.map(({ waiting: [next], hangs }) => (hangs ? undefined : next));
    if (!ended && steps.length > 0 && steps.every((next) => next?.kind === 'step'))
      together(steps as Step[]);
  };
  const other = (member: Member, { kind, number, ask }: ToReplica): void => {
    if (kind === 'step') fail(member, number, ended?.error);
    else {
      if (kind === 'write') member.message = ask;
      const { runs, state } = member.message;
      const answers = { read: member.message, digest: `${runs} ${state[0]?.data}` };
      member.answer({ number, answer: kind in answers ? answers[kind as 'read'] : null });
    }
  };
  const together = (steps: readonly Step[]): void => {
    const { runs } = (members[0] as Member).message;
    const faults = members.map(({ rank }) => fault(rank, runs));
    const end = (error: unknown) => {
      ended = { error, who: 'test' };
    };
    members.forEach((member, i) => {
      if (faults[i] === 'hangs') member.hangs = true;
      if (faults[i] === 'fails')
        end(new GraphError('INDEX_OUT_OF_RANGE', 'gather', { what: 'it.' }));
    });
    if (faults.includes('dies'))
      members.filter((_, i) => faults[i] === 'dies').forEach((member) => member.die());
    if (faults.some((one) => one && one !== 'dies after' && one !== 'strays')) {
      // The ring comes to its end when the trainer hears of it, or by its own deadline.
      if (faults.includes('hangs'))
        end(new GraphError('DEADLINE_EXCEEDED', 'allReduce', { what: 'it was late.' }));
      return void queueMicrotask(turn);
    }
    const values = steps.flatMap(({ ask }) => (ask.counts ? numbersOf(ask) : []));
    members.forEach((member, i) => {
      member.waiting.shift();
      const before = Number(member.message.state[0]?.data[0]);
      const next = after(before, values) + (faults[i] === 'strays' ? 1 : 0);
      member.message = stateOf(next, runs + 1);
      if (faults[i] === 'dies after') member.die();
      else member.answer({ number: (steps[i] as Step).number, answer: member.message.totals });
    });
    queueMicrotask(turn);
  };
  const kind: ReplicaKind = {
    start(name) {
      return new Replica(name, (events) => {
        const member = new Member(Number(name.split(' ')[1]), events);
        members = [...members.filter(({ rank }) => rank !== member.rank), member];
        members.sort((a, b) => a.rank - b.rank);
        return {
          post(message) {
            if (message.kind === 'abort') return;
            member.waiting.push(message);
            queueMicrotask(turn);
          },
          kill: async () => member.die(),
        };
      });
    },
    async connect() {
      ended = undefined;
      return {
        abort(error, who) {
          ended ??= { error, who };
          queueMicrotask(turn);
        },
      };
    },
  };
  return kind;
}

const numbersOf = ({ values }: StepMessage): number[] =>
  Array.from((values[0] as PlainTensor).data as Float32Array);
