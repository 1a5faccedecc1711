import type { Batch, EpochRun } from '@tenon/layers';

export interface EpochSteps {
  /** Sends a batch on its way. */
  step(batch: Batch): Promise<void>;
  /** Waits for the end of all that were sent. */
  flush(): Promise<void>;
  /** Between `batchBegin` and the steps after it: a callback may have changed something. */
  refresh(): Promise<void>;
  readonly stepsPerExecution: number;
}

/** Runs the batches of a pass on replicas and gives their number. Only where someone listens it is waited for the end of each step. */
export async function epochSteps(
  { pass, around, turns }: EpochRun,
  to: EpochSteps,
): Promise<number> {
  let steps = 0;
  while (!around.stopped()) {
    let batch = await pass.next();
    if (!batch) break;
    if (around.before) {
      await around.before(steps);
      await to.refresh();
    }
    if (around.stopped()) break;
    let size = 0;
    for (let left = to.stepsPerExecution; batch; batch = await pass.next()) {
      size += batch.size;
      await to.step(batch);
      steps++;
      if (--left === 0) break;
    }
    if (around.after) {
      await to.flush();
      await around.after(steps - 1, size);
    }
    if (turns.looks()) around.glance?.(steps - 1);
  }
  await to.flush();
  if (steps > 0) around.glance?.(steps - 1);
  return steps;
}
