import type { Pass } from '../data.js';
import type { Turns } from '../turns.js';
import type { StepRunner } from './step-runner.js';

/** What happens around the executions of a pass; each may ask to be waited for. */
export interface Around {
  /** Before the step of this number. */
  before?(step: number): Promise<unknown> | undefined;
  /** After the step of this number; `size` is the number of examples since `before`. */
  after?(step: number, size: number): Promise<unknown> | undefined;
  /** Now and then, and at the end: after the step of this number. */
  glance?(step: number): void;
  stopped(): boolean;
}

export interface RunPassOptions {
  readonly runner: StepRunner;
  /** Steps between `before` and `after`; the last execution may have fewer. */
  readonly stepsPerExecution: number;
  readonly around: Around;
  readonly turns: Turns;
  /** Steps of the pass that were made before: their batches are not in it, the state of metrics is. */
  readonly first?: number | undefined;
}

/** Runs all batches of a pass and gives their number, earlier ones included. Nothing is waited for that is there: many steps then share one task. */
export async function runPass(pass: Pass, options: RunPassOptions): Promise<number> {
  const { runner, stepsPerExecution, around, turns, first = 0 } = options;
  let steps = first;
  while (!around.stopped()) {
    let next = pass.next();
    let batch = next instanceof Promise ? await next : next;
    if (!batch) break;
    if (steps === 0) await runner.reset(batch);
    const before = around.before?.(steps);
    if (before) await before;
    if (around.stopped()) break;
    let size = 0;
    for (let left = stepsPerExecution; batch; batch = next instanceof Promise ? await next : next) {
      const ran = runner.run(batch);
      if (ran) await ran;
      size += batch.size;
      steps++;
      if (--left === 0) break;
      next = pass.next();
    }
    const after = around.after?.(steps - 1, size);
    if (after) await after;
    if (!turns.looks()) continue;
    around.glance?.(steps - 1);
    const turn = turns.take();
    if (turn) await turn;
  }
  if (steps > 0) around.glance?.(steps - 1);
  return steps;
}
