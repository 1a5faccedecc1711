import { GraphError, nearest } from '@tenon/core';
import type { Model } from '../model/model.js';
import type { Audience, Logs, TrainingEvent, TrainingParams } from '../training/events.js';
import type { ResumeOptions, ResumePoint } from '../training/resume-point.js';

/**
 * Hooks into training. Each may be async: training then waits for it. Callbacks hear the events that `fit$` gives.
 */
export interface Callback {
  /** Before anything else. */
  setModel?(model: Model): void;
  onTrainBegin?(params: TrainingParams): void | Promise<void>;
  onTrainEnd?(logs: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, seconds: number): void | Promise<void>;
  onBatchBegin?(batch: number): void | Promise<void>;
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /**
   * Instead of `onBatchEnd`, for what only shows how far training is: about once in a millisecond, and at the end of an epoch.
   * Logs are read when they are asked for.
   */
  onProgress?(batch: number, logs: () => Logs): void;
  /**
   * Where training goes on, with the state that it had there: asked after `onTrainBegin`, and when training has failed. The first
   * callback that knows answers.
   */
  onResume?(options: ResumeOptions): Promise<ResumePoint | undefined>;
}

function dispatch(callback: Callback, event: TrainingEvent): void | Promise<void> {
  switch (event.type) {
    case 'trainBegin':
      return callback.onTrainBegin?.(event.params);
    case 'trainEnd':
      return callback.onTrainEnd?.(event.logs);
    case 'epochBegin':
      return callback.onEpochBegin?.(event.epoch);
    case 'epochEnd':
      return callback.onEpochEnd?.(event.epoch, event.logs, event.seconds);
    case 'batchBegin':
      return callback.onBatchBegin?.(event.batch);
    case 'batchEnd':
      return callback.onBatchEnd?.(event.batch, event.logs);
    case 'validationBegin':
      return undefined;
  }
}

const hookOf = {
  trainBegin: 'onTrainBegin',
  trainEnd: 'onTrainEnd',
  epochBegin: 'onEpochBegin',
  epochEnd: 'onEpochEnd',
  batchBegin: 'onBatchBegin',
  batchEnd: 'onBatchEnd',
  validationBegin: undefined,
} as const satisfies Record<TrainingEvent['type'], keyof Callback | undefined>;

const hooks = [
  'setModel',
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchBegin',
  'onBatchEnd',
  'onProgress',
  'onResume',
] as const satisfies readonly (keyof Callback)[];

/** Refuses what is no callback, and hooks of an object literal that nothing would call. Errors: ATTRIBUTE_INVALID. */
export function checkCallback(callback: unknown): void {
  if (typeof callback !== 'object' || callback === null) {
    throw hookError(`a ${typeof callback} is not a callback.`);
  }
  if (Object.getPrototypeOf(callback) !== Object.prototype) return;
  const odd = Object.keys(callback).find((key) => !(hooks as readonly string[]).includes(key));
  if (odd === undefined) return;
  const near = nearest(odd, hooks);
  throw hookError(`there is no hook ${odd}${near ? `; did you mean ${near}?` : '.'}`);
}

const hookError = (what: string): GraphError =>
  new GraphError('ATTRIBUTE_INVALID', 'callbacks', { what, fix: `hooks: ${hooks.join(', ')}.` });

/** Callbacks as those who hear of training, one after the other in their order. An error in one ends training. */
export function audienceOf(model: Model, callbacks: readonly Callback[]): Audience {
  for (const callback of callbacks) callback.setModel?.(model);
  const watching = callbacks.filter(({ onProgress }) => onProgress);
  return {
    ...(watching.length > 0 && {
      glance: (batch, logs) => {
        for (const callback of watching) callback.onProgress?.(batch, logs);
      },
    }),
    resume: async (options) => {
      for (const callback of callbacks) {
        const point = await callback.onResume?.(options);
        if (point) return point;
      }
      return undefined;
    },
    hears: (type) => {
      const hook = hookOf[type];
      return hook !== undefined && callbacks.some((callback) => callback[hook]);
    },
    tell: (event) => {
      const wait = tellNow(callbacks, event);
      if (wait) event.waitUntil(wait);
    },
  };
}

/** Tells all callbacks in order; the promise of what is left once one of them is async. */
function tellNow(callbacks: readonly Callback[], event: TrainingEvent): Promise<void> | undefined {
  for (let i = 0; i < callbacks.length; i++) {
    const wait = dispatch(callbacks[i] as Callback, event);
    if (wait) return tellRest(wait, callbacks.slice(i + 1), event);
  }
  return undefined;
}

async function tellRest(
  wait: Promise<void>,
  callbacks: readonly Callback[],
  event: TrainingEvent,
): Promise<void> {
  await wait;
  await tellNow(callbacks, event);
}
