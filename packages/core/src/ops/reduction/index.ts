export { keptLike } from './kept-like.js';
export { sumLike } from './sum-like.js';
export { sum } from './sum.js';
