export { Adam, adam } from './adam.js';
export type { OptimizerConfig } from './config.js';
export { Optimizer, type UpdateContext, type UpdateResult } from './optimizer.js';
export { RMSprop, rmsprop } from './rmsprop.js';
export { SGD, sgd } from './sgd.js';
