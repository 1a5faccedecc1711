import { GraphError, parseOptions, type VariableLayout } from '@tenon/core';
import { z } from 'zod';
import type { Layer } from '../layer.js';
import type { Model } from '../model/model.js';
import { inSession } from '../training/strategy.js';
import type { ModelStrategy } from './model-strategy.js';
import { Rules } from './rules.js';

const pattern = z.union([z.string().min(1), z.instanceof(RegExp)]);
const device = z.string().min(1);

const layout = z.strictObject({
  /** The axis that is cut; may be left out where `over` names one device. */
  axis: z.int().optional(),
  /** A device for each piece, in order. */
  over: z.array(device).min(1),
  /** Elements of the axis in each piece; as even as can be when left out. */
  sizes: z.array(z.int().min(1)).optional(),
});

const modelParallelConfig = z.strictObject({
  /** Devices of layers by their paths in the model; of layers inside a layer too, unless a rule of their own says otherwise. */
  devices: z.array(z.tuple([pattern, device])).default([]),
  /** Layouts of weights by their paths in the model. */
  layout: z.array(z.tuple([pattern, layout])).default([]),
});

/** Options of `modelParallel`. */
export type ModelParallelOptions = z.input<typeof modelParallelConfig>;

/** A layer under its path, and the device that holds for it. */
interface PlacedLayer {
  readonly path: string;
  readonly layer: Layer;
}

/**
 * One model over several devices of its session: layers computed where rules put them, weights whole on the device of their layer or cut
 * into pieces. Paths are those of `model.weights` and of the layers: `dense`, `encoder/dense_1/kernel`. A string must fit the whole path;
 * of several rules that fit the first counts. Errors: ATTRIBUTE_INVALID, NAME_UNKNOWN for a rule that fits nothing, PLACEMENT_CONFLICT
 * for a device that the session does not have, STATE_INVALID for weights that have a value and lie elsewhere.
 *
 * @example
 * const strategy = modelParallel({
 *   layout: [['embedding/embeddings', { axis: 0, over: ['js:0', 'js:1'] }]],
 * });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', strategy });
 */
export function modelParallel(options: ModelParallelOptions): ModelStrategy {
  const { devices, layout } = parseOptions('modelParallel', modelParallelConfig, options);
  const [byLayer, byWeight] = [new Rules(devices, 'layer'), new Rules(layout, 'weight')];
  const strategy: ModelStrategy = {
    async begin(trainable) {
      const { model, name } = trainable;
      if (!model) {
        throw new GraphError('ATTRIBUTE_INVALID', name, {
          what: 'modelParallel places the layers of a model, and this is a graph.',
          fix: 'call session.place for its variables, and withDevice for the rest.',
        });
      }
      model.compiled.use(strategy);
      return inSession.begin(trainable);
    },
    place(model) {
      const layers = layersOf(model, '');
      const chosen = byLayer.over(layers.map(({ path }) => path));
      const layouts = byWeight.over(model.uniqueWeights().map(({ name }) => name));
      for (const { path, layer } of layers) layer.device = chosen.get(path);
      for (const { name, variable } of model.uniqueWeights()) {
        const own = layouts.get(name);
        const device = deviceOf(name, chosen);
        if (own) model.session.place(variable, layoutOf(own));
        else if (device !== undefined) model.session.place(variable, { over: [device] });
      }
    },
  };
  return strategy;
}

/** Layers of a model and those inside them, by paths. */
function layersOf(model: Model | Layer, prefix: string): PlacedLayer[] {
  return model.sublayers.flatMap((layer) => {
    const path = `${prefix}${layer.name}`;
    return [{ path, layer }, ...layersOf(layer, `${path}/`)];
  });
}

/** The device of the innermost layer around a weight that has one. */
function deviceOf(weight: string, chosen: ReadonlyMap<string, string>): string | undefined {
  const names = weight.split('/');
  for (let depth = names.length - 1; depth > 0; depth--) {
    const device = chosen.get(names.slice(0, depth).join('/'));
    if (device !== undefined) return device;
  }
  return undefined;
}

/** Without the options that were left out. */
const layoutOf = ({ axis, over, sizes }: z.output<typeof layout>): VariableLayout => ({
  over,
  ...(axis === undefined ? {} : { axis }),
  ...(sizes === undefined ? {} : { sizes }),
});
