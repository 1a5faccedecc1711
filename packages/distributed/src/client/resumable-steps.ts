import {
  GraphError,
  isStateLost,
  type NamedVariables,
  parseOptions,
  renewUntilRestored,
  restoreVariables,
  type Session,
  saveSnapshot,
  snapshotVariables,
} from '@tenon/core';
import { z } from 'zod';

const config = z
  .strictObject({
    /** Where checkpoints are kept. */
    directory: z.string().min(1),
    /** All that steps change. */
    variables: z.custom<NamedVariables>((given) => typeof given === 'object' && given !== null),
    /** Steps in all. */
    steps: z.int().min(0),
    /** Steps between two checkpoints. */
    everySteps: z.int().min(1).optional(),
    /** Seconds between two checkpoints. */
    everySeconds: z.number().positive().optional(),
    /** Checkpoints that are kept. */
    keep: z.int().min(1).default(2),
    /** Losses in a row, without a step in between, that are survived. */
    attempts: z.int().min(0).default(5),
    /** Milliseconds for which lost processes may stay away. */
    timeoutMs: z.int().min(0).default(60_000),
    /** Hears of losses that were survived. */
    onResume: z
      .custom<(resumed: Resumed) => void>((given) => typeof given === 'function')
      .optional(),
  })
  .refine(
    ({ everySteps, everySeconds }) => (everySteps === undefined) !== (everySeconds === undefined),
    { error: 'give either everySteps or everySeconds' },
  );

export type ResumableStepsOptions = z.input<typeof config>;
type Config = z.output<typeof config>;

/** A loss that was survived. */
export interface Resumed {
  /** The step that is made next. */
  readonly step: number;
  /** Steps that are made again, the one that failed not counted. */
  readonly lost: number;
  readonly error: GraphError;
}

/**
 * Makes steps 0, 1, ... of a training, resuming from the newest checkpoint in the directory: when it is called, and whenever workers
 * that held variables are lost. A step is made again with the same number, state and random numbers, so that the end is the same as
 * without any loss. Errors: ATTRIBUTE_INVALID, those of steps that no new beginning can mend, and those of checkpoints.
 *
 * @example
 * const step = session.prepare(sgd({ learningRate: 0.1 }).minimize(loss, [w]), [x]);
 * const options = { directory, variables: [w], steps: 1000, everySteps: 100 };
 * await resumableSteps(session, options, async (n) => void (await step(batches[n])));
 */
export async function resumableSteps(
  session: Session,
  options: ResumableStepsOptions,
  step: (n: number) => Promise<void>,
): Promise<void> {
  const given = parseOptions('resumableSteps', config, options);
  const saves = new Saves(session, given);
  const { steps, attempts, timeoutMs, onResume } = given;
  let next: number | undefined;
  for (let losses = 0; ; ) {
    try {
      next ??= await saves.begin();
      while (next < steps) {
        await step(next);
        next++;
        losses = 0;
        if (next === steps || saves.due(next)) await saves.save(next);
      }
      await saves.settled();
      return;
    } catch (error) {
      // What is being written is whole before anyone resumes from it.
      await saves.settled();
      if (next === undefined || !isStateLost(error) || losses++ >= attempts) throw error;
      const from: number = await renewUntilRestored(session, () => saves.restore(), { timeoutMs });
      onResume?.({ step: from, lost: next - from, error });
      next = from;
    }
  }
}

/** Checkpoints beside the steps: a step waits for what it holds to be read, not for the disk. */
class Saves {
  private readonly session: Session;
  private readonly config: Config;
  private writing: Promise<unknown> = Promise.resolve();
  private last = 0;
  private time = performance.now();

  constructor(session: Session, config: Config) {
    this.session = session;
    this.config = config;
  }

  /** The first step to make. */
  async begin(): Promise<number> {
    try {
      return await this.restore();
    } catch (error) {
      if (!(error instanceof GraphError) || error.code !== 'FILE_NOT_FOUND') throw error;
      await this.save(0);
      return 0;
    }
  }

  async restore(): Promise<number> {
    const { variables, directory } = this.config;
    const { step = 0 } = await restoreVariables(this.session, variables, directory);
    this.last = step;
    return step;
  }

  due(step: number): boolean {
    const { everySteps, everySeconds = 0 } = this.config;
    if (everySteps !== undefined) return step - this.last >= everySteps;
    return performance.now() - this.time >= 1000 * everySeconds;
  }

  async save(step: number): Promise<void> {
    const { variables, directory, keep } = this.config;
    const snapshot = await snapshotVariables(this.session, variables);
    // One write at a time; its error is told by the next save, or at the end.
    await this.writing;
    this.writing = saveSnapshot(snapshot, directory, { step, keep });
    this.writing.catch(() => {});
    this.last = step;
    this.time = performance.now();
  }

  /** Settles when the disk has all that was saved. */
  async settled(): Promise<void> {
    await this.writing;
  }
}
