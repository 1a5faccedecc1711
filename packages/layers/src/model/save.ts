import {
  encodeSafetensors,
  GraphError,
  type HostTensor,
  writeDirectoryAtomically,
} from '@tenon/core';
import type { CompileOptions } from '../training/compiled.js';
import type { Model } from './model.js';
import {
  modelFile,
  type SavedModel,
  type SavedTraining,
  savedFormat,
  weightsFile,
} from './saved.js';

export interface SaveOptions {
  /** Keep optimizer, losses and metrics too, so that training goes on exactly where it stopped. */
  readonly training?: boolean;
}

/** Saves a model as a directory: model.json, weights.safetensors and a manifest. Errors: STATE_INVALID for what a file can not hold. */
export async function save(
  model: Model,
  directory: string,
  { training = true }: SaveOptions = {},
): Promise<void> {
  const tensors = new Map<string, HostTensor>();
  for (const { name, variable } of model.uniqueWeights())
    tensors.set(name, await model.session.read(variable));
  const saved: SavedModel = { format: savedFormat, version: 1, model: model.toJSON() };
  if (training && model.isCompiled) {
    const { optimizer } = model.compiled;
    // In the order in which loading makes them, whatever order training made them in.
    optimizer.build(model.trainableWeights.map(({ variable }) => variable));
    for (const { name, variable } of optimizer.variables()) {
      tensors.set(`optimizer/${name}`, await model.session.read(variable));
    }
    saved.training = trainingToJson(model);
  }
  const files = new Map([
    [modelFile, new TextEncoder().encode(`${JSON.stringify(saved, null, 2)}\n`)],
    [weightsFile, encodeSafetensors(tensors)],
  ]);
  await writeDirectoryAtomically(directory, files, { kind: 'model' });
}

function trainingToJson(model: Model): SavedTraining {
  const { optimizer, options, stepsPerExecution } = model.compiled;
  const { loss, metrics, weightedMetrics, lossWeights } = options;
  return {
    optimizer: { className: optimizer.className, config: { ...optimizer.config } },
    runs: model.session.runs,
    ...(loss === undefined ? {} : { loss: plain(loss, 'loss') }),
    ...(metrics === undefined ? {} : { metrics: plain(metrics, 'metric') }),
    ...(weightedMetrics === undefined ? {} : { weightedMetrics: plain(weightedMetrics, 'metric') }),
    ...(lossWeights === undefined
      ? {}
      : { lossWeights: lossWeights as NonNullable<SavedTraining['lossWeights']> }),
    ...(stepsPerExecution === 1 ? {} : { stepsPerExecution }),
  };
}

type Choices = CompileOptions['loss'] | CompileOptions['metrics'];

/** Choices of compile as JSON: names stay, objects become className and config. */
function plain(choice: Choices, what: string): unknown {
  if (typeof choice === 'string') return choice;
  if (Array.isArray(choice)) return choice.map((inner) => plain(inner, what));
  // A metric object holds a function, which its name alone would not bring back.
  const object = typeof choice === 'object' && choice !== null;
  if (object && 'className' in choice && what === 'loss') {
    const { className, config } = choice as unknown as { className: string; config: unknown };
    return { className, config };
  }
  if (object && !('className' in choice)) {
    return Object.fromEntries(
      Object.entries(choice).map(([name, inner]) => [name, plain(inner as Choices, what)]),
    );
  }
  throw new GraphError('STATE_INVALID', 'save', {
    what: `a ${what} is or holds a function, which a saved model can not hold.`,
    fix: 'save without the state of training: model.save(directory, { training: false }).',
  });
}
