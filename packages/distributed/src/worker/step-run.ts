import {
  type Executable,
  GraphError,
  type HostTensor,
  type Rendezvous,
  type RunContext,
  type Tensor,
} from '@tenon/core';
import { withDeadline } from './deadline.js';
import type { SpanName } from './step-traces.js';
import type { PullRequest, Transport } from './transport.js';

/** A part of a step that is ready to run on this worker. */
export interface ReadyPart {
  readonly graph: number;
  readonly executable: Executable;
  readonly device: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: number;
}

export interface StepOptions {
  readonly worker: string;
  readonly table: Rendezvous;
  readonly transport: Transport;
  readonly seed: readonly [number, number];
  /** Notes what is run and waited for. */
  readonly begin: (what: Pick<SpanName, 'name' | 'device'>) => () => void;
  /** Runs of the session so far: part of the seed. */
  readonly runs: number;
  readonly timeoutMs: number;
  /** Ends the step with its reason. */
  readonly signal: AbortSignal;
  /** How to ask the worker of a device for a tensor. */
  readonly source: (
    device: string,
  ) => Pick<PullRequest, 'worker' | 'address' | 'incarnation' | 'session' | 'step'>;
}

/**
 * Runs the parts of a step on this worker and reads what they give; nothing is committed. The first that fails ends the others.
 * Errors: DEADLINE_EXCEEDED, RUN_ABORTED, and those of the ops.
 */
export async function runStep(
  parts: readonly ReadyPart[],
  options: StepOptions,
): Promise<HostTensor[][]> {
  const { table, signal } = options;
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    table.abort(error);
    stop.abort(error);
  };
  const cancel = () => fail(signal.reason);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const context = contextOf(options, stop.signal);
    // Memory may be used again only when every part has come to its end.
    await Promise.all(parts.map((part) => ended(part, context, { fail, begin: options.begin })));
    if (failure) throw failure.error;
    const results = await Promise.all(parts.map(read));
    if (failure) throw (failure as { error: unknown }).error;
    return results;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function ended(
  { executable, graph, device }: ReadyPart,
  context: RunContext,
  { fail, begin }: { fail: (error: unknown) => void; begin: StepOptions['begin'] },
): Promise<void> {
  const end = begin({ name: `graph ${graph}`, device });
  try {
    await executable.run(context);
  } catch (error) {
    fail(error);
  } finally {
    end();
  }
}

const read = ({ executable, outputs }: ReadyPart): Promise<HostTensor[]> =>
  Promise.all(Array.from({ length: outputs }, (_, index) => executable.read(index)));

function contextOf(options: StepOptions, signal: AbortSignal): RunContext {
  const { table, transport, worker, timeoutMs, source, seed, runs, begin } = options;
  const arrived = (key: string): Promise<HostTensor> => {
    const from = source(key.slice(0, key.indexOf(';')));
    if (from.worker !== worker) return transport.receive({ ...from, key, timeoutMs, signal });
    const late = () => lateError(key, worker, timeoutMs);
    return withDeadline(table.receive(key), { timeoutMs, signal, late });
  };
  const receive = (key: string): Promise<HostTensor> => {
    const end = begin({ name: `receive ${key}`, device: key.split(';')[1] ?? '' });
    return arrived(key).finally(end);
  };
  const send = (key: string, value: HostTensor) => table.send(key, value);
  return { seed, step: runs, rendezvous: { send, receive } };
}

/** Says what was waited for, and from whom. */
export const lateError = (key: string, worker: string, timeoutMs: number): GraphError =>
  new GraphError('DEADLINE_EXCEEDED', key, {
    what: `${worker} has not sent it within ${timeoutMs} ms.`,
    fix: 'see whether that worker hangs, or give the session a longer timeoutMs.',
  });
