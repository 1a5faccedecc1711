import type { Callback } from './callback.js';

/** A callback made of functions: `lambdaCallback({ onEpochEnd: (epoch, logs) => ... })`. */
export const lambdaCallback = (hooks: Callback): Callback => ({ ...hooks });
