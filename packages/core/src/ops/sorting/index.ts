export { argsort } from './argsort.js';
export { sort } from './sort.js';
export { sortPairs } from './sort-pairs.js';
export { topK } from './top-k.js';
