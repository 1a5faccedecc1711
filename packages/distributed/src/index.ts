// The public surface; each part adds its line.
export * from './coordinator/index.js';
