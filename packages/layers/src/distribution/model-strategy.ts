import type { Model } from '../model/model.js';
import type { Strategy } from '../training/strategy.js';

/**
 * Says where the layers of a model compute and where its weights lie. Model and training are the same with and without one. Given to
 * `fit`, it takes effect before the first step.
 */
export interface ModelStrategy extends Strategy {
  /** Called when the model is built and its session known, before the first run; again for another graph or session. */
  place(model: Model): void;
}

export const isModelStrategy = (value: unknown): value is ModelStrategy =>
  typeof (value as Partial<ModelStrategy> | null)?.place === 'function';
