import {
  type DType,
  GraphError,
  identity,
  type KnownShape,
  parseOptions,
  type Shape,
  type Tensor,
  type Variable,
  variable,
  withDevice,
  withName,
} from '@tenon/core';
import { z } from 'zod';
import { type Initializer, type InitializerInput, initializer } from './initializers/index.js';
import { originOf, recordApplication, tensorsOf } from './model/application.js';
import { layerToJson } from './model/config.js';
import { nameLayers } from './model/naming.js';

/** Options that every layer takes. */
export const layerConfig = z.strictObject({
  name: z.string().min(1).optional(),
  trainable: z.boolean().default(true),
  /** Shape of one example, without the batch: lets a model be built before it sees data. */
  inputShape: z.array(z.int().min(1).nullable()).optional(),
  /** Shape with the batch in front; instead of inputShape. */
  batchInputShape: z.array(z.int().min(1).nullable()).optional(),
  dtype: z.enum(['float32', 'float64']).default('float32'),
});

export type LayerSchema = z.ZodObject<typeof layerConfig.shape & z.ZodRawShape>;

/** A variable of a layer under its name in the layer. */
export interface Weight {
  readonly name: string;
  readonly variable: Variable;
  /** Changed by optimizers, as long as the layer is trainable. */
  readonly trainable: boolean;
}

/** What a call is told, and what it reports back. */
export interface CallContext {
  /** Training or inference: dropout and batch normalisation differ. */
  readonly training: boolean;
  /**
   * Changes a variable at the end of the step, such as a moving average. `next` is given the value so far: a layer that is
   * applied twice changes it twice.
   */
  update(target: Variable, next: (current: Tensor) => Tensor): void;
}

/** One tensor or several. */
export type Tensors = Tensor | readonly Tensor[];

/**
 * A piece of a model: configuration, weights and a function of tensors. A subclass states `config` (a zod schema), `build`
 * and `call`; output shapes, paths, JSON and saving follow from these.
 */
export abstract class Layer<S extends z.ZodType = z.ZodType> {
  /** Schema of the options. */
  static readonly config: z.ZodType = layerConfig;
  /** Name in saved models: `Dense`. */
  static readonly className: string = 'Layer';

  readonly config: z.output<S> & z.output<typeof layerConfig>;
  /** Unique in its model; set by the model when the options name none. */
  name: string;
  /** Where it computes: a device or a hint; where its surroundings say when left out. */
  device: string | undefined;
  private readonly own: Weight[] = [];
  private hasWeights = false;
  private learns: boolean;

  constructor(config?: z.input<S>) {
    const type = this.constructor as typeof Layer;
    this.config = parseOptions(type.className, type.config, config) as typeof this.config;
    this.learns = this.config.trainable;
    this.name = this.config.name ?? snakeCase(type.className);
  }

  get className(): string {
    return (this.constructor as typeof Layer).className;
  }

  /** Whether optimizers may change the weights, here and in the layers inside; takes effect at the next compile. */
  get trainable(): boolean {
    return this.learns;
  }

  set trainable(value: boolean) {
    this.learns = value;
    // Each layer asks for itself: batch normalisation that is frozen keeps its averages.
    for (const layer of this.sublayers) layer.trainable = value;
  }

  /** dtype that the first layer of a model expects of the data. */
  get inputDType(): 'float32' | 'float64' | 'int32' {
    return this.config.dtype;
  }

  get built(): boolean {
    return this.hasWeights;
  }

  /** Makes the weights for inputs of this shape (of these shapes, where a layer takes several). */
  protected build(_shape: Shape, _shapes: readonly Shape[]): void {}

  /** The mathematics. */
  protected abstract call(x: Tensor, context: CallContext, inputs: readonly Tensor[]): Tensors;

  /** Layers inside this one, whose weights are also this layer's: those that its fields hold, alone or in arrays. */
  get sublayers(): readonly Layer[] {
    return this.fieldLayers();
  }

  protected fieldLayers(): readonly Layer[] {
    const held: unknown[] = Object.values(this).flat();
    return [...new Set(held.filter((value): value is Layer => value instanceof Layer))];
  }

  /**
   * Applies the layer to symbolic tensors and records the application, so that a model can be made of it. In the call of
   * another layer it is part of that call, training or not as that one is.
   */
  apply(inputs: Tensors): Tensor {
    return this.applyAll(inputs)[0] as Tensor;
  }

  /** As `apply`, with all outputs. */
  applyAll(inputs: Tensors): readonly Tensor[] {
    const list = tensorsOf(inputs);
    if (currentCall) return this.run(list, currentCall);
    // An output that is an input, or a tensor that another layer made, needs an identity of its own.
    const outputs = this.run(list, inferenceContext).map((output) =>
      list.includes(output) || originOf(output) ? identity(output) : output,
    );
    recordApplication({ layer: this, inputs: list, outputs });
    return outputs;
  }

  /** Builds the weights if need be and computes the outputs. Errors of the call name the layer. */
  run(inputs: readonly Tensor[], context: CallContext): readonly Tensor[] {
    const { device } = this;
    if (device !== undefined) return withDevice(device, () => this.runHere(inputs, context));
    return this.runHere(inputs, context);
  }

  private runHere(inputs: readonly Tensor[], context: CallContext): readonly Tensor[] {
    return withName(this.name, () => {
      try {
        this.ensureBuilt(inputs);
        return within(context, () => tensorsOf(this.call(inputs[0] as Tensor, context, inputs)));
      } catch (error) {
        throw atLayer(this.name, error);
      }
    });
  }

  ensureBuilt(inputs: readonly { readonly shape: Shape }[]): void {
    if (this.hasWeights) return;
    const shapes = inputs.map(({ shape }) => shape);
    // Models inside are built as models are, not as part of the call.
    within(undefined, () => this.build(shapes[0] ?? [], shapes));
    nameLayers(this.sublayers, this.name);
    this.hasWeights = true;
  }

  /** Weights of this layer and of those inside it, with names that are paths inside this layer. */
  get weights(): readonly Weight[] {
    const inner = this.sublayers.flatMap((layer) =>
      layer.weights.map((weight) => ({
        ...weight,
        name: `${layer.name}/${weight.name}`,
        trainable: weight.trainable && this.trainable,
      })),
    );
    return [
      ...this.own.map((weight) => ({ ...weight, trainable: weight.trainable && this.trainable })),
      ...inner,
    ];
  }

  countParams(): number {
    return this.weights.reduce((count, { variable: { size } }) => count + size, 0);
  }

  /** Options as plain data, from which `new` makes an equal layer. */
  getConfig(): Record<string, unknown> {
    return { ...(this.config as object), name: this.name, trainable: this.trainable };
  }

  /** Class and options as plain data. Errors: STATE_INVALID for options that are functions. */
  toJSON(): { className: string; config: Record<string, unknown> } {
    return layerToJson(this);
  }

  /** Makes a weight; to be called in `build`. */
  protected weight(
    name: string,
    shape: KnownShape,
    options: { initializer: InitializerInput; trainable?: boolean; dtype?: DType },
  ): Variable {
    const { trainable = true, dtype = this.config.dtype } = options;
    const start: Initializer = initializer(options.initializer);
    const made = variable(start.tensor(shape, dtype), { name, shape, dtype, trainable });
    this.own.push({ name, variable: made, trainable });
    return made;
  }
}

/** What layers are called with outside training. */
export const inferenceContext: CallContext = { training: false, update: () => {} };

// The call that is running. Calls are synchronous, so there is never more than one.
let currentCall: CallContext | undefined;

/** Runs `body` as part of the call of that context; of none when undefined. */
export function within<T>(context: CallContext | undefined, body: () => T): T {
  const outer = currentCall;
  currentCall = context;
  try {
    return body();
  } finally {
    currentCall = outer;
  }
}

/** `MaxPooling2D` -> `max_pooling2d`, as Keras names layers. */
export function snakeCase(className: string): string {
  return className
    .replace(/([a-z0-9])([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z])([A-Z])(?!D\b|D$)/g, '$1_$2')
    .toLowerCase();
}

/** Puts the layer's name in front of an error's place, once for each layer around it. */
function atLayer(name: string, error: unknown): unknown {
  if (!(error instanceof GraphError)) return error;
  return new GraphError(error.code, `${name}/${error.where}`, { ...error.details, cause: error });
}
