import type { Shape, Tensor } from '@tenon/core';
import type { Layer, Tensors } from '../layer.js';

/** One use of a layer: a shared layer has several. */
export interface Application {
  readonly layer: Layer;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export const tensorsOf = (tensors: Tensors): readonly Tensor[] =>
  Array.isArray(tensors) ? (tensors as readonly Tensor[]) : [tensors as Tensor];

// Says of a tensor which layer made it. Weak: it lives as long as the tensor does.
const origins = new WeakMap<Tensor, Application>();

/** Remembers what made the outputs. The first maker counts: a layer that hands its input through did not make it. */
export function recordApplication(application: Application): void {
  for (const output of application.outputs)
    if (!origins.has(output)) origins.set(output, application);
}

export const originOf = (tensor: Tensor): Application | undefined => origins.get(tensor);

export const shapesOf = (tensors: readonly Tensor[]): Shape[] => tensors.map(({ shape }) => shape);
