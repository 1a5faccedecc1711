import { GraphError } from '@tenon/core';
import { ClusterError, failureOf } from '../protocol/cluster-error.js';
import type {
  RunCallableRequest,
  RunGraphResponse,
  TensorMessage,
} from '../protocol/gen/distributed_pb.js';
import type { MemberParts } from './callable.js';

export interface StepRequest {
  readonly session: string;
  readonly step: number;
  readonly request: RunCallableRequest;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

// The workers' own deadlines come first: their errors say what was waited for.
const answerMs = 3000;
const cleanupMs = 5000;

/**
 * Runs the parts of a graph, one RunGraph for each worker; what is fetched in the order of the fetches. With one worker the updates
 * are committed too. When a part fails or the run is cancelled, all others are ended. Errors: those of the first that failed.
 */
export async function runParts(
  parts: readonly MemberParts[],
  step: StepRequest,
): Promise<TensorMessage[]> {
  const { signal } = step;
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    if (failure) return;
    failure = { error };
    void cleanUp(parts, step, error).then(() => stop.abort(error));
  };
  const cancel = () => fail(signal?.reason);
  if (signal?.aborted) throw signal.reason;
  signal?.addEventListener('abort', cancel, { once: true });
  const alone = parts.length === 1;
  const running = parts.map(async (own) => {
    const running = runOn(own, { ...step, signal: stop.signal }, alone);
    const answer = await (alone && updates(own) ? orInDoubt(running, own, step) : running);
    return [own, answer] as const;
  });
  for (const run of running) run.catch(fail);
  const ends = await Promise.allSettled(running);
  signal?.removeEventListener('abort', cancel);
  // Alone, a run that came to its end has made its updates, although it was cancelled meanwhile.
  const made = alone && ends[0]?.status === 'fulfilled';
  if (failure && !made) throw failure.error;
  const outputs: TensorMessage[] = [];
  for (const end of ends) if (end.status === 'fulfilled') collect(...end.value, outputs);
  return outputs;
}

function runOn(
  { member, parts }: MemberParts,
  { session, step, request, timeoutMs, signal }: StepRequest,
  commit: boolean,
): Promise<RunGraphResponse> {
  const { feeds, seed } = request;
  const graphs = parts.map(({ graph, inputPlaces }) => ({
    graph,
    feeds: inputPlaces.map((place) => feeds[place] as TensorMessage),
  }));
  const { incarnation, connection } = member;
  return connection.calls.runGraph(
    { session, incarnation, step, graphs, commit, timeoutMs, ...(seed ? { seed } : {}) },
    { signal, timeoutMs: timeoutMs + answerMs },
  );
}

const updates = ({ parts }: MemberParts): boolean => parts.some((part) => part.updates);

/** A connection that breaks while a worker runs and commits at once leaves open whether it has. Errors: ABORTED then. */
function orInDoubt<T>(run: Promise<T>, { member }: MemberParts, { step }: StepRequest): Promise<T> {
  return run.catch((error: unknown) => {
    if (!(error instanceof GraphError) || error.code !== 'UNAVAILABLE') throw error;
    throw unconfirmed(member.name, step, error);
  });
}

const unconfirmed = (worker: string, step: number, cause: unknown): ClusterError =>
  new ClusterError('ABORTED', `step ${step}`, {
    what: 'it did not confirm the updates of the step, which it or others may have made.',
    fix: 'make a new session and restore the last checkpoint.',
    cause,
    worker,
  });

function collect(
  { parts }: MemberParts,
  { graphs }: RunGraphResponse,
  outputs: TensorMessage[],
): void {
  parts.forEach(({ outputPlaces }, i) => {
    outputPlaces.forEach((place, index) => {
      outputs[place] = graphs[i]?.outputs[index] as TensorMessage;
    });
  });
}

/** Ends a step on its workers. Those that do not answer forget it by themselves. */
async function cleanUp(
  parts: readonly MemberParts[],
  { session, step }: StepRequest,
  error: unknown,
): Promise<void> {
  const reason = failureOf(error, 'the master');
  await Promise.allSettled(
    parts.map(({ member }) =>
      member.connection.calls.cleanupGraph({ session, step, reason }, { timeoutMs: cleanupMs }),
    ),
  );
}

/** Commits the updates of a step that has succeeded everywhere. Errors: ABORTED where a worker did not: its state is open then. */
export async function commitParts(
  parts: readonly MemberParts[],
  { session, step, timeoutMs }: StepRequest,
): Promise<void> {
  const updated = parts.filter(updates);
  const ends = await Promise.allSettled(
    updated.map(({ member: { connection, incarnation } }) =>
      connection.calls.commitGraph({ session, incarnation, step }, { timeoutMs }),
    ),
  );
  const lost = ends.findIndex(({ status }) => status === 'rejected');
  if (lost < 0) return;
  const { reason } = ends[lost] as PromiseRejectedResult;
  throw unconfirmed((updated[lost] as MemberParts).member.name, step, reason);
}
