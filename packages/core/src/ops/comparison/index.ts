export { equal } from './equal.js';
export { greater } from './greater.js';
export { greaterEqual } from './greater-equal.js';
export { less } from './less.js';
export { lessEqual } from './less-equal.js';
export { notEqual } from './not-equal.js';
