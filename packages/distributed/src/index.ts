// The public surface; each part adds its line.
export * from './coordinator/index.js';
export * from './simulate/index.js';
