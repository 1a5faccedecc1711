import {
  decodeSafetensors,
  GraphError,
  type HostTensor,
  readDirectory,
  type Session,
  type Variable,
} from '@tenon/core';
import type { ModelStrategy } from '../distribution/model-strategy.js';
import { type LossInput, lossFromConfig } from '../losses/index.js';
import type { CompileOptions, MetricsInput } from '../training/compiled.js';
import { optimizerFromConfig } from '../training/optimizers.js';
import { type LoadOptions as ModelOptions, modelFromJson } from './from-config.js';
import type { Model } from './model.js';
import {
  modelFile,
  type SavedModel,
  type SavedTraining,
  savedModel,
  weightsFile,
} from './saved.js';

export interface LoadOptions extends ModelOptions {
  /** Where the variables live, instead of the default session. */
  readonly session?: Session;
  /** Where layers compute and weights lie, whatever it was when the model was saved. */
  readonly strategy?: ModelStrategy;
}

/**
 * Loads what `model.save` wrote: architecture, weights and, if it was saved, the state of training.
 * Errors: FILE_NOT_FOUND, FORMAT_INVALID, CHECKSUM_MISMATCH, NAME_UNKNOWN.
 */
export async function loadModel(directory: string, options: LoadOptions = {}): Promise<Model> {
  const { files } = await readDirectory(directory, { kind: 'model' });
  const saved = parseSaved(files.get(modelFile), directory);
  const { tensors } = decodeSafetensors(files.get(weightsFile) ?? new Uint8Array());
  const model = modelFromJson(saved.model, options);
  if (options.session) model.useSession(options.session);
  if (model.isBuilt) options.strategy?.place(model);
  if (saved.training) compileSaved(model, saved.training, options);
  await restore(model, tensors, directory);
  // Last, so that random layers go on with the numbers that they would have drawn.
  if (saved.training) model.session.runs = saved.training.runs;
  return model;
}

function parseSaved(bytes: Uint8Array | undefined, directory: string): SavedModel {
  const refuse = (what: string): never => {
    throw new GraphError('FORMAT_INVALID', `${directory}/${modelFile}`, { what });
  };
  if (!bytes) return refuse('the file is missing.');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse('it is not JSON.');
  }
  const parsed = savedModel.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(`${issue?.path.join('.')}: ${issue?.message}.`);
}

function compileSaved(
  model: Model,
  training: SavedTraining,
  { session, strategy }: LoadOptions,
): void {
  const { optimizer, loss, metrics, weightedMetrics, lossWeights, stepsPerExecution } = training;
  const options = {
    optimizer: optimizerFromConfig(optimizer.className, optimizer.config),
    ...(loss === undefined ? {} : { loss: revived(loss) as LossInput }),
    ...(metrics === undefined ? {} : { metrics: metrics as MetricsInput }),
    ...(weightedMetrics === undefined ? {} : { weightedMetrics: weightedMetrics as MetricsInput }),
    ...(lossWeights === undefined ? {} : { lossWeights }),
    ...(stepsPerExecution === undefined ? {} : { stepsPerExecution }),
    ...(session ? { session } : {}),
    ...(strategy ? { strategy } : {}),
  };
  model.compile(options as CompileOptions);
  model.compiled.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
}

/** Losses saved as className and config become objects again. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if ('className' in value && 'config' in value) {
    return lossFromConfig(String(value.className), value.config as Record<string, unknown>);
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revived(inner)]));
}

async function restore(
  model: Model,
  tensors: ReadonlyMap<string, HostTensor>,
  directory: string,
): Promise<void> {
  const optimizer = model.isCompiled ? model.compiled.optimizer.variables() : [];
  const wanted: { name: string; variable: Variable }[] = [
    ...model.uniqueWeights(),
    ...optimizer.map(({ name, variable }) => ({ name: `optimizer/${name}`, variable })),
  ];
  for (const { name, variable } of wanted) {
    const value = tensors.get(name);
    if (!value)
      throw new GraphError('FORMAT_INVALID', `${directory}/${weightsFile}`, {
        what: `there is no tensor ${name}.`,
      });
    await model.session.write(variable, value);
  }
}
