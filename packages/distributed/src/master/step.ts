import { GraphError } from '@tenon/core';
import type { CallOptions } from '../protocol/call.js';
import { ClusterError, failureOf } from '../protocol/cluster-error.js';
import type {
  RunCallableRequest,
  RunGraphResponse,
  StepStatus,
  TensorMessage,
} from '../protocol/gen/distributed_pb.js';
import { isUnreachable } from '../protocol/unreachable.js';
import type { MemberParts } from './callable.js';
import { stepOf } from './settle-step.js';

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
    const answer = await runOn(own, { ...step, signal: stop.signal }, alone);
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

export const updates = ({ parts }: MemberParts): boolean => parts.some((part) => part.updates);

/** The error of a run whose connection broke before anything was updated. */
export const brokenOff = (run: number, cause: ClusterError): ClusterError =>
  new ClusterError('RUN_ABORTED', `run ${run}`, {
    what: `a connection broke in it: ${cause.reason} It has changed nothing.`,
    fix: 'run it again.',
    cause,
    worker: cause.worker,
  });

/** The error of updates that a worker may have made or not. */
export const unconfirmed = (worker: string, step: number, cause: unknown): ClusterError =>
  new ClusterError('ABORTED', `step ${step}`, {
    what: 'it did not confirm the updates of the step, which it or others may have made.',
    fix: 'make a new session and restore the last checkpoint.',
    cause,
    worker,
  });

function collect(
  { parts }: MemberParts,
  { graphs }: Pick<RunGraphResponse, 'graphs'>,
  outputs: TensorMessage[],
): void {
  parts.forEach(({ outputPlaces }, i) => {
    outputPlaces.forEach((place, index) => {
      outputs[place] = graphs[i]?.outputs[index] as TensorMessage;
    });
  });
}

/** What a committed step gave, asked for again. Errors: UNAVAILABLE, ABORTED, STATE_INVALID where a later step has begun. */
export async function outputsOf(
  parts: readonly MemberParts[],
  { session, step, timeoutMs }: Omit<StepRequest, 'request' | 'signal'>,
): Promise<TensorMessage[]> {
  const outputs: TensorMessage[] = [];
  const statuses = await Promise.all(
    parts.map(({ member }) => stepOf(member, session, { step, timeoutMs })),
  );
  parts.forEach((own, i) => {
    const { computed, graphs } = statuses[i] as StepStatus;
    if (computed === step) return collect(own, { graphs }, outputs);
    throw new GraphError('STATE_INVALID', `step ${step}`, {
      what: `${own.member.name} does not hold what it gave any more.`,
    });
  });
  return outputs;
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
  { session, step, timeoutMs, reconnectMs }: StepRequest & { readonly reconnectMs: number },
): Promise<void> {
  const updated = parts.filter(updates);
  const ends = await Promise.allSettled(
    updated.map(({ member: { connection, incarnation } }) => {
      const commit = (limits: CallOptions) =>
        connection.calls.commitGraph({ session, incarnation, step }, limits);
      return commit({ timeoutMs }).catch((error: unknown) => {
        if (!isUnreachable(error)) throw error;
        return commit({ timeoutMs: reconnectMs, waitForReady: true });
      });
    }),
  );
  const lost = ends.findIndex(({ status }) => status === 'rejected');
  if (lost < 0) return;
  const { reason } = ends[lost] as PromiseRejectedResult;
  throw unconfirmed((updated[lost] as MemberParts).member.name, step, reason);
}
