// The public surface; each part adds its line.
export * from './cluster/index.js';
