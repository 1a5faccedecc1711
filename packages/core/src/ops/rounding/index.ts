export { ceil } from './ceil.js';
export { floor } from './floor.js';
export { round } from './round.js';
