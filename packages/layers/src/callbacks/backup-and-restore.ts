import {
  GraphError,
  isStateLost,
  parseOptions,
  removeCheckpoints,
  renewUntilRestored,
} from '@tenon/core';
import { z } from 'zod';
import type { Model } from '../model/model.js';
import type { Logs, TrainingParams } from '../training/events.js';
import type { ResumeOptions, ResumePoint } from '../training/resume-point.js';
import type { Callback } from './callback.js';
import {
  loadState,
  type Progress,
  restoreState,
  type SavedState,
  saveState,
  stateOf,
} from './training-state.js';

const backupConfig = z.strictObject({
  /** Where backups are kept; it is for this training only. */
  directory: z.string().min(1),
  /** Back up at the end of each epoch, and with a number after so many steps too. */
  every: z.union([z.literal('epoch'), z.int().min(1)]).default('epoch'),
  /** Backups that are kept. */
  keep: z.int().min(1).default(2),
  /** Whether the backups go when training has come to its end. */
  deleteAtEnd: z.boolean().default(true),
  /** Losses in a row, without a backup in between, that are survived. */
  attempts: z.int().min(0).default(5),
  /** Milliseconds for which lost processes may stay away. */
  timeoutMs: z.int().min(0).default(60_000),
  /** Hears of losses that were survived. */
  onRecovered: z
    .custom<(recovered: Recovered) => void>((given) => typeof given === 'function')
    .optional(),
});

/** A loss that was survived. */
export interface Recovered {
  readonly epoch: number;
  readonly batches: number;
  /** Steps that are made again. */
  readonly lostSteps: number;
  readonly error: GraphError;
}

/**
 * Keeps the state of training on disk: `fit` that was killed and is called again goes on where it was, and `fit` in a cluster whose
 * workers are lost goes on by itself. Weights, optimizer, metrics, random numbers and the order of the data are as they would have
 * been, bit for bit. State of other callbacks is not kept. Errors: NAME_UNKNOWN for another model, and those of checkpoints.
 */
export class BackupAndRestore implements Callback {
  /** Only where it is needed, since training tells of every batch then. */
  readonly onBatchEnd?: (batch: number, logs: Logs) => Promise<void> | undefined;
  private readonly config: z.output<typeof backupConfig>;
  private model!: Model;
  private stepsOfEpoch: number | null = null;
  private epoch = 0;
  /** Steps since training began, and at the last backup. */
  private steps = 0;
  private saved = 0;
  /** Steps before this epoch. */
  private before = 0;
  private losses = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(config: z.input<typeof backupConfig>) {
    this.config = parseOptions('backupAndRestore', backupConfig, config);
    if (this.config.every !== 'epoch') this.onBatchEnd = (batch, logs) => this.after(batch, logs);
  }

  setModel(model: Model): void {
    this.model = model;
  }

  onTrainBegin({ steps }: TrainingParams): void {
    this.stepsOfEpoch = steps;
    this.steps = 0;
    this.before = 0;
    this.saved = 0;
    this.losses = 0;
    // Training that failed because of it has told its error.
    this.writing = this.writing.catch(() => {});
  }

  async onResume(options: ResumeOptions): Promise<ResumePoint | undefined> {
    const { failure, begin, betweenEpochsOnly } = options;
    if (betweenEpochsOnly && this.config.every !== 'epoch') throw noState();
    if (failure !== undefined) return this.recovered(failure);
    const found = await loadState(this.config.directory);
    if (found) {
      await restoreState(this.model, found);
      return this.pointOf(found);
    }
    // A model that its first batch builds has nothing to go back to before.
    if (this.model.isBuilt) await this.backUp({ ...begin, steps: 0, logs: {} });
    return undefined;
  }

  onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  onProgress(batch: number): void {
    this.steps = this.before + batch + 1;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    this.before = this.steps;
    await this.backUp({ epoch: epoch + 1, batches: 0, steps: this.steps, logs });
  }

  async onTrainEnd(): Promise<void> {
    await this.writing;
    if (this.config.deleteAtEnd) await removeCheckpoints(this.config.directory);
  }

  private after(batch: number, logs: Logs): Promise<void> | undefined {
    this.onProgress(batch);
    const batches = batch + 1;
    // The end of the epoch has a backup of its own.
    if (batches === this.stepsOfEpoch) return;
    if (this.steps - this.saved < Number(this.config.every)) return;
    return this.backUp({ epoch: this.epoch, batches, steps: this.steps, logs });
  }

  /** Training waits until the state is read, not for the disk. */
  private async backUp(at: Progress): Promise<void> {
    const { directory, keep } = this.config;
    const state = await stateOf(this.model, at);
    // One write at a time; its error is told by the next backup, or at the end.
    await this.writing;
    this.writing = saveState(state, directory, keep);
    this.writing.catch(() => {});
    this.saved = at.steps;
    this.losses = 0;
  }

  private async recovered(failure: unknown): Promise<ResumePoint | undefined> {
    const { directory, attempts, timeoutMs, onRecovered } = this.config;
    if (!isStateLost(failure) || this.losses++ >= attempts) {
      // What is being written is whole before anyone resumes from it.
      await this.writing.catch(() => {});
      return undefined;
    }
    await this.writing;
    const state = await loadState(directory);
    if (!state) return undefined;
    await renewUntilRestored(this.model.session, () => restoreState(this.model, state), {
      timeoutMs,
    });
    const { epoch, batches, steps } = state;
    onRecovered?.({ epoch, batches, lostSteps: this.steps - steps, error: failure });
    return this.pointOf(state);
  }

  private pointOf(state: SavedState): ResumePoint {
    const { epoch, batches, steps, logs } = state;
    this.steps = steps;
    this.saved = steps;
    this.before = steps - batches;
    return { epoch, batches, logs, restore: () => restoreState(this.model, state) };
  }
}

const noState = (): GraphError =>
  new GraphError('ATTRIBUTE_INVALID', 'backupAndRestore', {
    what: 'a strategy holds the state of training within an epoch.',
    fix: "leave every at 'epoch'; the strategy has checkpoints of its own within one.",
  });

/** Makes training resumable: `backupAndRestore({ directory: 'backup', every: 100 })`. */
export const backupAndRestore = (config: z.input<typeof backupConfig>): BackupAndRestore =>
  new BackupAndRestore(config);
