import type { Tensor } from '@tenon/core';
import type { Tensors } from '../layer.js';
import { Model } from './model.js';

/** A functional model: `model({ inputs: x, outputs: y })`. Errors: GRAPH_INVALID where an output needs another input. */
export function model(options: { inputs: Tensors; outputs: Tensors; name?: string }): Model {
  const list = (tensors: Tensors) =>
    Array.isArray(tensors) ? (tensors as readonly Tensor[]) : [tensors as Tensor];
  return new Model({
    inputs: list(options.inputs),
    outputs: list(options.outputs),
    name: options.name,
  });
}
