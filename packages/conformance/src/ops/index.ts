export { arithmeticCases } from './arithmetic.js';
export { indexingCases } from './indexing.js';
export { sortingCases } from './sorting.js';
