import {
  GraphError,
  loadCheckpoint,
  type Snapshot,
  saveSnapshot,
  snapshotVariables,
  type Variable,
} from '@tenon/core';
import { z } from 'zod';
import type { Model } from '../model/model.js';
import type { Logs } from '../training/events.js';

const whole = z.int().min(0);

const progress = z.strictObject({
  epoch: whole,
  batches: whole,
  /** Steps since training began. */
  steps: whole,
  /** As text, since JSON knows neither infinity nor NaN. */
  logs: z.record(z.string(), z.string()),
});

/** How far training is: that many batches of an epoch are done. */
export interface Progress {
  readonly epoch: number;
  readonly batches: number;
  /** Steps since training began. */
  readonly steps: number;
  /** Means over the epoch so far. */
  readonly logs: Logs;
}

/** Values of a model's weights, of its optimizer and of its metrics, the count of random numbers, and how far training is. */
export interface SavedState extends Progress {
  readonly snapshot: Snapshot;
}

const key = 'training';
const metric = 'metric/';
// As restoreVariables names it.
const runsKey = 'tenon.runs';

/** All that training of a model depends on besides its data, as it is between two steps. */
export async function stateOf(model: Model, at: Progress): Promise<SavedState> {
  return { ...at, snapshot: await snapshotVariables(model.session, trainingVariables(model)) };
}

/** Keeps a state in a series of checkpoints. Errors: those of saveCheckpoint. */
export async function saveState(
  { snapshot, epoch, batches, steps, logs }: SavedState,
  directory: string,
  keep: number,
): Promise<void> {
  const texts = Object.fromEntries(Object.entries(logs).map(([name, x]) => [name, String(x)]));
  const metadata = { [key]: { epoch, batches, steps, logs: texts } };
  await saveSnapshot(snapshot, directory, { step: steps, keep, metadata });
}

/** The newest state of a series that can be read; undefined where there is none. Errors: those of loadCheckpoint. */
export async function loadState(directory: string): Promise<SavedState | undefined> {
  const loaded = await loadCheckpoint(directory).catch((error: unknown) => {
    if (error instanceof GraphError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  });
  if (!loaded) return undefined;
  const { [key]: at, [runsKey]: runs } = loaded.metadata;
  const parsed = z.object({ at: progress, runs: whole }).safeParse({ at, runs });
  if (!parsed.success) {
    throw new GraphError('FORMAT_INVALID', loaded.directory, {
      what: 'it is a checkpoint, but not one of training.',
      fix: 'give backupAndRestore a directory of its own.',
    });
  }
  const { logs, ...rest } = parsed.data.at;
  const numbers = Object.entries(logs).map(([name, text]) => [name, Number(text)]);
  return {
    ...rest,
    logs: Object.fromEntries(numbers),
    snapshot: { tensors: loaded.tensors, runs: parsed.data.runs },
  };
}

/** Sets a model's session to a state. Errors: NAME_UNKNOWN where the model is another one, FEED_INVALID for another shape. */
export async function restoreState(model: Model, { snapshot }: SavedState): Promise<void> {
  const { session, compiled } = model;
  for (const [name, { shape }] of snapshot.tensors)
    if (name.startsWith(metric)) compiled.cell(name.slice(metric.length), shape);
  const variables = trainingVariables(model);
  const missing = [...snapshot.tensors.keys()].find((name) => !(name in variables));
  if (missing !== undefined) {
    throw new GraphError('NAME_UNKNOWN', model.name, {
      what: `the backup holds ${missing}, which the model has not.`,
      fix: 'build and compile the model as it was, or give another directory.',
    });
  }
  await Promise.all(
    Object.entries(variables).map(async ([name, variable]) => {
      const value = snapshot.tensors.get(name);
      if (value) return session.write(variable, value);
      if (name.startsWith(metric)) return;
      throw new GraphError('NAME_UNKNOWN', model.name, {
        what: `the backup does not hold ${name}.`,
        fix: 'build and compile the model as it was, or give another directory.',
      });
    }),
  );
  session.runs = snapshot.runs;
}

function trainingVariables(model: Model): Record<string, Variable> {
  const { optimizer, metricState } = model.compiled;
  // In the order in which loading makes them, whatever order training made them in.
  optimizer.build(model.trainableWeights.map(({ variable }) => variable));
  return Object.fromEntries([
    ...model.uniqueWeights().map(({ name, variable }) => [`weight/${name}`, variable]),
    ...optimizer.variables().map(({ name, variable }) => [`optimizer/${name}`, variable]),
    ...[...metricState].map(([name, cell]) => [`${metric}${name}`, cell]),
  ]);
}
