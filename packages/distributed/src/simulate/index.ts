export { InvariantError } from './invariants.js';
export * from './network.js';
export * from './replay.js';
export * from './seeded-random.js';
export * from './simulate.js';
export type * from './simulation-options.js';
export * from './virtual-clock.js';
