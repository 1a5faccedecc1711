import { GraphError, type Tensor } from '@tenon/core';
import { z } from 'zod';
import { inputConfig } from '../core/input.js';
import type { Layer } from '../layer.js';
import { originOf } from './application.js';
import type { Model } from './model.js';
import { stepsOf } from './replay.js';

const options = z.record(z.string(), z.unknown());

/** Where a tensor comes from: which use of which layer, and which of its outputs. */
const reference = z.tuple([z.string(), z.int().min(0), z.int().min(0)]);

const layerEntry = z.strictObject({ className: z.string(), config: options });

const functionalEntry = layerEntry.extend({
  name: z.string(),
  /** For each use of the layer, its inputs. */
  inboundNodes: z.array(z.array(reference)),
});

export const sequentialJson = z.strictObject({
  name: z.string(),
  layers: z.array(layerEntry),
  buildShape: z.array(z.int().min(0).nullable()).optional(),
  /** Where it is not the one that the first layer asks for. */
  buildDType: inputConfig.shape.dtype.optional(),
});

export const functionalJson = z.strictObject({
  name: z.string(),
  layers: z.array(functionalEntry),
  inputs: z.array(reference),
  outputs: z.array(reference),
});

export const modelJson = layerEntry;

export type ModelJson = z.output<typeof modelJson>;
export type FunctionalJson = z.output<typeof functionalJson>;
export type Reference = z.output<typeof reference>;

/** Options of a layer as plain data. Errors: STATE_INVALID for a function, which a file can not hold. */
export const layerToJson = (layer: Layer): ModelJson => ({
  className: layer.className,
  config: plainConfig(layer.name, layer.getConfig()),
});

/** A model of layers one after the other. */
export const sequentialToJson = (model: Model): z.output<typeof sequentialJson> => ({
  name: model.name,
  layers: model.layers.map((layer) => layer.toJSON()),
  ...(model.isBuilt ? { buildShape: [...model.inputShape], ...inputDTypeOf(model) } : {}),
});

function inputDTypeOf({ layers, inputs }: Model): object {
  const { dtype } = inputs[0] as Tensor;
  return dtype === (layers[0]?.inputDType ?? 'float32') ? {} : { buildDType: dtype };
}

function plainConfig(where: string, config: Record<string, unknown>): Record<string, unknown> {
  const plain = (key: string, value: unknown): unknown => {
    if (typeof value === 'function') {
      throw new GraphError('STATE_INVALID', where, {
        what: `option ${key} is a function, which a saved model can not hold.`,
        fix: 'use a name, or put the function into a layer class of your own.',
      });
    }
    if (value !== null && typeof value === 'object' && 'tensor' in value && 'className' in value) {
      const { className, config: inner } = value as unknown as ModelJson;
      return { className, config: inner };
    }
    return value;
  };
  const entries = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(key, value)]));
}

/** A graph of layers. Errors: STATE_INVALID for operations outside layers. */
export function functionalToJson(model: Model): FunctionalJson {
  const { inputs, outputs } = model;
  const uses = new Map<Layer, Reference[][]>();
  const places = new Map<unknown, number>();
  const inputNames = uniqueInputNames(model);
  const referenceTo = (tensor: Tensor): Reference => {
    const input = inputs.indexOf(tensor);
    if (input >= 0) return [inputNames[input] as string, 0, 0];
    const application = originOf(tensor) as NonNullable<ReturnType<typeof originOf>>;
    return [
      application.layer.name,
      places.get(application) as number,
      application.outputs.indexOf(tensor),
    ];
  };
  for (const step of stepsOf({ inputs, outputs })) {
    if (step.kind === 'operation') throw operationOutside(model, step.node.where);
    const { layer } = step.application;
    const own = uses.get(layer) ?? [];
    places.set(step.application, own.length);
    own.push(step.inputs.map(referenceTo));
    uses.set(layer, own);
  }
  const inputLayers = inputs.map(({ dtype, shape }, i) => ({
    className: 'InputLayer',
    name: inputNames[i] as string,
    config: { batchShape: [...shape], dtype, name: model.inputNames[i] },
    inboundNodes: [],
  }));
  const layers = [...uses].map(([layer, inboundNodes]) => ({
    ...layer.toJSON(),
    name: layer.name,
    inboundNodes,
  }));
  return {
    name: model.name,
    layers: [...inputLayers, ...layers],
    inputs: inputs.map(referenceTo),
    outputs: outputs.map(referenceTo),
  };
}

// Inputs share the names of layers in the file, so they get a prefix that no layer can have.
const uniqueInputNames = (model: Model): string[] =>
  model.inputNames.map((name, i) => `:${i}:${name}`);

const operationOutside = (model: Model, where: string): GraphError =>
  new GraphError('STATE_INVALID', model.name, {
    what: `the operation ${where} stands between layers, where a saved model can not hold it.`,
    fix: 'put it into the call of a layer class of your own.',
  });
