import { GraphError, parseOptions, type Tensor } from '@tenon/core';
import type { z } from 'zod';
import { input, inputConfig } from '../core/input.js';
import type { Layer } from '../layer.js';
import { type LayerClass, layerClass } from '../registry.js';
import {
  type FunctionalJson,
  functionalJson,
  type ModelJson,
  type Reference,
  sequentialJson,
} from './config.js';
import { Model } from './model.js';
import { Sequential } from './sequential.js';

export interface LoadOptions {
  /** Layer classes of one's own that the model uses. */
  readonly customLayers?: readonly LayerClass[];
}

const deepest = 32;

/** A model from its architecture, with new weights. Errors: FORMAT_INVALID, NAME_UNKNOWN, ATTRIBUTE_INVALID. */
export const modelFromJson = (json: ModelJson, options: LoadOptions = {}): Model =>
  modelOf(json, options, 0);

function modelOf(json: ModelJson, options: LoadOptions, depth: number): Model {
  if (depth > deepest) throw invalid('model', `models are nested deeper than ${deepest}.`);
  if (json.className === 'Sequential')
    return sequentialOf(read(sequentialJson, json), options, depth);
  if (json.className === 'Functional')
    return functionalOf(read(functionalJson, json), options, depth);
  throw invalid('model', `${json.className} is not a kind of model.`);
}

function read<S extends z.ZodType>(schema: S, { className, config }: ModelJson): z.output<S> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(className, `${issue?.path.join('.')}: ${issue?.message}.`);
}

const invalid = (where: string, what: string): GraphError =>
  new GraphError('FORMAT_INVALID', where, { what });

function layerOf(json: ModelJson, options: LoadOptions, depth: number): Layer {
  if (json.className === 'Sequential' || json.className === 'Functional')
    return modelOf(json, options, depth + 1);
  const type = layerClass(json.className, options.customLayers);
  return new type(json.config);
}

function sequentialOf(
  json: z.output<typeof sequentialJson>,
  options: LoadOptions,
  depth: number,
): Model {
  const layers = json.layers.map((layer) => layerOf(layer, options, depth));
  const { buildShape, buildDType: dtype } = json;
  const start = dtype && buildShape ? [input({ batchShape: buildShape, dtype })] : [];
  const model = new Sequential({ layers: [...start, ...layers], name: json.name });
  if (buildShape && !model.isBuilt) model.build(buildShape);
  return model;
}

function functionalOf(json: FunctionalJson, options: LoadOptions, depth: number): Model {
  const made = new Map<string, Tensor>();
  const key = ([name, use, output]: Reference) => `${name}\n${use}\n${output}`;
  const find = (place: Reference): Tensor => {
    const tensor = made.get(key(place));
    if (!tensor)
      throw invalid(
        json.name,
        `nothing makes output ${place[2]} of use ${place[1]} of ${place[0]}.`,
      );
    return tensor;
  };
  const pending: { name: string; layer: Layer; uses: Reference[][]; next: number }[] = [];
  for (const entry of json.layers) {
    if (entry.className === 'InputLayer') {
      made.set(
        key([entry.name, 0, 0]),
        input(parseOptions('InputLayer', inputConfig, entry.config)),
      );
    } else {
      pending.push({
        name: entry.name,
        layer: layerOf(entry, options, depth),
        uses: entry.inboundNodes,
        next: 0,
      });
    }
  }
  // Uses of a shared layer lie apart in the graph, so rounds go on while any use has all its inputs.
  for (let moved = true; moved; ) {
    moved = false;
    for (const item of pending) {
      while (
        item.next < item.uses.length &&
        (item.uses[item.next] as Reference[]).every((place) => made.has(key(place)))
      ) {
        const inputs = (item.uses[item.next] as Reference[]).map(find);
        const outputs = item.layer.applyAll(inputs);
        for (const [i, output] of outputs.entries())
          made.set(key([item.name, item.next, i]), output);
        item.next++;
        moved = true;
      }
    }
  }
  return new Model({
    inputs: json.inputs.map(find),
    outputs: json.outputs.map(find),
    name: json.name,
  });
}
