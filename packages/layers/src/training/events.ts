import type { ResumeOptions, ResumePoint } from './resume-point.js';

/** Values of loss and metrics by name: `{ loss: 0.3, accuracy: 0.91 }`. */
export type Logs = Readonly<Record<string, number>>;

/** What is known of a run before it starts. */
export interface TrainingParams {
  readonly epochs: number;
  /** Steps of one epoch; null until a data set without a known size has been read once. */
  readonly steps: number | null;
  readonly batchSize: number | null;
  readonly samples: number | null;
  /** Validation follows every so many epochs; null without validation. */
  readonly validationFreq: number | null;
}

interface Base {
  /** Training goes on only when the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
}

/** Everything that happens while a model is trained, in order. Epochs and batches count from 0. */
export type TrainingEvent = Base &
  (
    | { readonly type: 'trainBegin'; readonly params: TrainingParams }
    | { readonly type: 'epochBegin'; readonly epoch: number }
    /** With `stepsPerExecution`, `batch` is the first of the steps that follow. */
    | { readonly type: 'batchBegin'; readonly epoch: number; readonly batch: number }
    /** Logs are means over the epoch so far. `batch` is the last of the steps since `batchBegin`, `size` the number of their examples. */
    | {
        readonly type: 'batchEnd';
        readonly epoch: number;
        readonly batch: number;
        readonly size: number;
        readonly logs: Logs;
      }
    | { readonly type: 'validationBegin'; readonly epoch: number }
    /** Logs with those of validation, prefixed by `val_`. */
    | {
        readonly type: 'epochEnd';
        readonly epoch: number;
        readonly logs: Logs;
        readonly seconds: number;
      }
    | { readonly type: 'trainEnd'; readonly logs: Logs }
  );

/** Who hears of training. */
export interface Audience {
  /** Whether anyone wants events of this type; others need not be told. */
  hears(type: TrainingEvent['type']): boolean;
  tell(event: TrainingEvent): void;
  /** For who only shows how far training is: about once in a millisecond, and at the end of an epoch. */
  glance?(batch: number, logs: () => Logs): void;
  /** Where training goes on: before it begins, and when it has failed; undefined where nobody knows. */
  resume?(options: ResumeOptions): Promise<ResumePoint | undefined>;
}

export type TrainingEventOf<T extends TrainingEvent['type']> = Extract<TrainingEvent, { type: T }>;
