export * from './cluster/index.js';
export * from './coordinator/index.js';
export * from './simulate/index.js';
