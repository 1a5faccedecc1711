// The public surface; each part adds its line.
export * from './rendezvous/index.js';
export * from './transport/index.js';
