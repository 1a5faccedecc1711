import type { Executable, HostTensor, RunContext, Tensor, Transfers } from '@tenon/core';
import type { SpanName } from './step-traces.js';

/** A part of a step that is ready to run on this worker. */
export interface ReadyPart {
  readonly graph: number;
  readonly executable: Executable;
  readonly device: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: number;
}

export interface StepOptions {
  /** Hands over what crosses between devices, and takes it, until the signal ends that. */
  readonly transfers: (signal: AbortSignal) => Transfers;
  /** Fails whoever waits for tensors of this step. */
  readonly abort: (error: unknown) => void;
  readonly seed: readonly [number, number];
  /** Notes what is run and waited for. */
  readonly begin: (what: Pick<SpanName, 'name' | 'device'>) => () => void;
  /** Runs of the session so far: part of the seed. */
  readonly runs: number;
  /** Ends the step with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs the parts of a step on this worker and reads what they give; nothing is committed. The first that fails ends the others.
 * Errors: DEADLINE_EXCEEDED, RUN_ABORTED, and those of the ops.
 */
export async function runStep(
  parts: readonly ReadyPart[],
  options: StepOptions,
): Promise<HostTensor[][]> {
  const { abort, signal } = options;
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    abort(error);
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
  const { transfers, seed, runs, begin } = options;
  const { send, receive } = transfers(signal);
  const traced: Transfers['receive'] = (key, into) => {
    const end = begin({ name: `receive ${key}`, device: key.split(';')[1] ?? '' });
    return receive(key, into).finally(end);
  };
  return { seed, step: runs, rendezvous: { send, receive: traced } };
}
