import type { RunContext } from '../../devices/device.js';
import { GraphError } from '../../errors.js';
import type { Compiled } from './compiled.js';

/** Runs all parts to their end; if one fails the others are stopped. Errors: RUN_FAILED and those of the ops. */
export async function execute(
  { executables }: Compiled,
  context: RunContext & { readonly rendezvous: { abort(error: unknown): void } },
): Promise<void> {
  const running = executables.map(async (executable) => {
    try {
      await executable.run(context);
    } catch (error) {
      context.rendezvous.abort(error);
      throw error;
    }
  });
  // Every part must have come to its end before memory is used again.
  const ends = await Promise.allSettled(running);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw runError(failed.reason);
}

/** The same without a promise. Errors: STATE_INVALID where a part would have to wait. */
export function executeNow({ executables, waitsBecause }: Compiled, context: RunContext): void {
  if (waitsBecause !== undefined) {
    throw new GraphError('STATE_INVALID', 'runSync', {
      what: `this run can not be synchronous: ${waitsBecause}.`,
      fix: 'use await session.run(...).',
    });
  }
  try {
    for (let i = 0; i < executables.length; i++) void executables[i]?.run(context);
  } catch (error) {
    throw runError(error);
  }
}

const runError = (error: unknown): GraphError =>
  error instanceof GraphError
    ? error
    : new GraphError('RUN_FAILED', 'run', {
        what: error instanceof Error ? error.message : String(error),
        cause: error,
      });
