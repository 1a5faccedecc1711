import { GraphError, type Shape, Tensor } from '@tenon/core';
import { input } from '../core/input.js';
import { type CallContext, Layer, type Tensors } from '../layer.js';
import { type ModelJson, sequentialToJson } from './config.js';
import { Model } from './model.js';
import { nameLayers } from './naming.js';

/** Layers one after the other, each with one input and one output. */
export class Sequential extends Model {
  static override readonly className = 'Sequential';

  private readonly list: Layer[] = [];
  /** The input that was added in front of the layers. */
  private start: Tensor | undefined;

  constructor({
    layers = [],
    name,
  }: { layers?: readonly (Layer | Tensor)[]; name?: string | undefined } = {}) {
    super({ name });
    for (const layer of layers) this.add(layer);
  }

  override get layers(): readonly Layer[] {
    return this.list;
  }

  override get sublayers(): readonly Layer[] {
    return this.list;
  }

  /** Appends a layer; `input({ shape })` may come before the first. Errors: ATTRIBUTE_INVALID for what is not a layer. */
  add(layer: Layer | Tensor): void {
    if (layer instanceof Tensor && layer.node.op.role === 'input' && this.list.length === 0) {
      this.start = layer;
      return;
    }
    if (!(layer instanceof Layer)) {
      throw new GraphError('ATTRIBUTE_INVALID', this.name, {
        what: 'what was added is not a layer.',
        fix: 'pass layers.dense({ ... }) and the like; input({ shape }) may only come first.',
      });
    }
    this.list.push(layer);
    nameLayers(this.list, this.name);
    const shape = this.givenShape();
    if (shape) this.build(shape);
  }

  /** Takes the last layer off again. Errors: STATE_INVALID when there is none. */
  pop(): void {
    if (!this.list.pop())
      throw new GraphError('STATE_INVALID', this.name, { what: 'the model has no layers.' });
    const shape = this.givenShape();
    if (shape) this.build(shape);
    else if (this.list.length === 0) this.clearGraph();
  }

  override toJSON(): ModelJson {
    return { className: this.className, config: sequentialToJson(this) };
  }

  /** Builds the layers for inputs of this shape, batch included: `[null, 784]`. */
  override build(shape: Shape): void {
    const [first] = this.list;
    const dtype = this.start?.dtype ?? first?.inputDType ?? 'float32';
    const name = this.start?.node.attrs.name ?? 'input';
    const start = input({ batchShape: [...shape], dtype, name } as Parameters<typeof input>[0]);
    const end = this.list.reduce((x: Tensor, layer) => layer.apply(x), start);
    this.setGraph({ inputs: [start], outputs: [end] });
  }

  protected override call(x: Tensor, context: CallContext): Tensors {
    return this.list.reduce((y: Tensor, layer) => layer.run([y], context)[0] as Tensor, x);
  }

  private givenShape(): Shape | undefined {
    const [first] = this.list;
    if (!first) return undefined;
    if (this.start) return this.start.shape;
    if (first instanceof Model && first.isBuilt) return first.inputShape;
    const { inputShape, batchInputShape } = first.config;
    return batchInputShape ?? (inputShape ? [null, ...inputShape] : undefined);
  }
}

interface SequentialOptions {
  readonly layers?: readonly (Layer | Tensor)[];
  readonly name?: string;
}

/** A model of layers one after the other: `sequential({ layers: [dense({ units: 1, inputShape: [3] })] })`, or the list alone. */
export const sequential = (
  options: SequentialOptions | readonly (Layer | Tensor)[] = {},
): Sequential =>
  new Sequential(Array.isArray(options) ? { layers: options } : (options as SequentialOptions));
