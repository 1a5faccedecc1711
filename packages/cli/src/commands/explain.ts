import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  defaultSession,
  type Feeds,
  type Fetches,
  GraphError,
  type HostTensor,
  hostTensor,
  sizeOf,
  Tensor,
} from '@tenon/core';
import { loadModel, Model } from '@tenon/layers';
import { z } from 'zod';
import 'tenon'; // for its default device
import { type PlacementCommandOptions, planPlacement } from './explain-placement.js';

export interface ExplainOptions extends PlacementCommandOptions {
  /** Whether to print the placement alone, by the cost model. */
  readonly placement?: boolean;
  /** Examples of the prediction of a model. */
  readonly batchSize: number;
}

/** Prints how a saved model, or what a script exports, is run. Errors: FILE_NOT_FOUND, FORMAT_INVALID, those of `planPlacement`. */
export async function explain(target: string, options: ExplainOptions): Promise<void> {
  const path = resolve(target);
  const found = await stat(path).catch(() => undefined);
  if (!found) {
    throw new GraphError('FILE_NOT_FOUND', 'explain', {
      what: `there is no file or directory ${path}.`,
      fix: 'give the directory of a saved model, or a JavaScript module that exports tensors.',
    });
  }
  if (found.isDirectory()) await explainModel(await loadModel(path), options);
  else await explainScript(path, options);
}

/** A table of the layers, then the graph of a prediction; or where that would be placed. */
async function explainModel(model: Model, options: ExplainOptions): Promise<void> {
  const { batchSize, placement } = options;
  const feeds = model.inputs.map((input) => [input, examples(input, batchSize)] as const);
  if (placement) return console.log(`${await planPlacement(model.outputs, feeds, options)}`);
  model.summary();
  const of = batchSize === 1 ? 'one example' : `${batchSize} examples`;
  console.log(`\nprediction for ${of}\n${model.session.explain(model.outputs, { feeds })}`);
}

/** Zeros for a batch; other unknown sizes are taken as 1. */
function examples({ dtype, shape }: Tensor, batchSize: number): HostTensor {
  const sizes = shape.map((size, axis) => size ?? (axis === 0 ? batchSize : 1));
  return hostTensor(new Float32Array(sizeOf(sizes)), { dtype, shape: sizes });
}

async function explainScript(path: string, options: ExplainOptions): Promise<void> {
  const exported = exportsOf(await load(path), path);
  if (isModel(exported.fetches)) return explainModel(exported.fetches, options);
  const fetches = exported.fetches as Fetches;
  const explained = options.placement
    ? await planPlacement(fetches, exported.feeds, options)
    : defaultSession().explain(fetches, exported);
  console.log(`${explained}`);
}

async function load(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    throw new GraphError('FORMAT_INVALID', 'explain', {
      what: `${path} is not JavaScript.`,
      fix: 'for TypeScript run: node --import tsx node_modules/.bin/tenon explain <script>.',
      cause: error,
    });
  }
}

const isFetches = (value: unknown): boolean =>
  value instanceof Tensor ||
  (typeof value === 'object' && value !== null && Object.values(value).every(isFetches));

const isModel = (value: unknown): value is Model => value instanceof Model;

const scriptExports = z.object({
  fetches: z.custom((value) => isModel(value) || isFetches(value), {
    message: 'export a tensor, nested tensors or a model as default or as fetches',
  }),
  feeds: z
    .array(z.tuple([z.instanceof(Tensor), z.unknown()]), {
      message: 'export feeds as a list of [placeholder, value]',
    })
    .default([]),
});

function exportsOf(module: unknown, path: string): { fetches: unknown; feeds: Feeds } {
  const { default: main, fetches = main, feeds } = module as Record<string, unknown>;
  const parsed = scriptExports.safeParse({ fetches, feeds });
  if (parsed.success) return parsed.data as { fetches: unknown; feeds: Feeds };
  const [issue] = parsed.error.issues;
  throw new GraphError('FORMAT_INVALID', path, { what: `${issue?.message}.` });
}
