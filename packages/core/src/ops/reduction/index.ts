export { keptLike } from './kept-like.js';
export { reduceAttrs, countable, leastOf, greatestOf } from './reduce.js';
export { sumLike } from './sum-like.js';
export { sum } from './sum.js';
