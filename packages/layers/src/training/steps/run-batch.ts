import type { BoundRun } from '@tenon/core';
import type { Batch } from '../data.js';

/** Runs one batch; a promise only where something must be waited for. */
export function runBatch(run: BoundRun, batch: Batch): Promise<void> | void {
  const wait = run.ready();
  if (wait) return runWhenReady(run, batch, wait);
  batch.write(run);
  return run.run();
}

async function runWhenReady(run: BoundRun, batch: Batch, first: Promise<void>): Promise<void> {
  for (let wait: Promise<void> | undefined = first; wait; wait = run.ready()) await wait;
  batch.write(run);
  await run.run();
}
