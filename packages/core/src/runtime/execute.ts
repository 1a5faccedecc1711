import type { Executable, RunContext } from '../devices/device.js';
import { GraphError } from '../errors.js';
import type { HostTensor } from '../graph/host-tensor.js';
import type { Program } from '../lower/program.js';
import { type Compiled, readOutputs, writeInputs } from './compile.js';
import { Rendezvous } from './rendezvous.js';

/** What a run is told besides its feeds. */
export interface Turn extends Pick<RunContext, 'seed' | 'step'> {
  /** Called when all values are there; if it throws, no variable changes. */
  readonly beforeCommit: () => void;
}

/**
 * One run: feeds in, all parts to their end, fetches out, and only then the updates. If any part fails the others are
 * stopped and no variable changes. Errors: RUN_FAILED and those of the ops.
 */
export async function execute(
  compiled: Compiled,
  feeds: readonly HostTensor[],
  { seed, step, beforeCommit }: Turn,
): Promise<HostTensor[]> {
  const rendezvous = new Rendezvous();
  const context = { seed, step, rendezvous };
  writeInputs(compiled, feeds);
  const running = compiled.executables.map(async (executable) => {
    try {
      await executable.run(context);
    } catch (error) {
      rendezvous.abort(error);
      throw error;
    }
  });
  // Every part must have come to its end before memory is used again.
  const ends = await Promise.allSettled(running);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw runError(failed.reason);
  const values = await Promise.all(readOutputs(compiled));
  beforeCommit();
  commit(compiled);
  return values;
}

/** The same without a promise. Errors: STATE_INVALID where a part would have to wait. */
export function executeSync(
  compiled: Compiled,
  feeds: readonly HostTensor[],
  { seed, step, beforeCommit }: Turn,
): HostTensor[] {
  const { parts } = compiled.plan;
  if (parts.some(({ program }) => waits(program)))
    throw notSynchronous('its parts on several devices wait for each other');
  const other = parts.find(({ device }) => !device.synchronous);
  if (other) throw notSynchronous(`${other.device.name} runs asynchronously`);
  const context = { seed, step, rendezvous: new Rendezvous() };
  writeInputs(compiled, feeds);
  for (const executable of compiled.executables) runNow(executable, context);
  const values = readOutputs(compiled) as HostTensor[];
  beforeCommit();
  commit(compiled);
  return values;
}

const waits = ({ instructions }: Program): boolean =>
  instructions.some(({ kind }) => kind === 'receive');

function runNow(executable: Executable, context: RunContext): void {
  try {
    void executable.run(context);
  } catch (error) {
    throw runError(error);
  }
}

function commit({ executables }: Compiled): void {
  for (const executable of executables) executable.commit();
}

const notSynchronous = (why: string): GraphError =>
  new GraphError('STATE_INVALID', 'runSync', {
    what: `this run can not be synchronous: ${why}.`,
    fix: 'use await session.run(...).',
  });

const runError = (error: unknown): GraphError =>
  error instanceof GraphError
    ? error
    : new GraphError('RUN_FAILED', 'run', {
        what: error instanceof Error ? error.message : String(error),
        cause: error,
      });
