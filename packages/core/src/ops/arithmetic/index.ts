export { add } from './add.js';
export { div } from './div.js';
export { mul } from './mul.js';
export { neg } from './neg.js';
export { sub } from './sub.js';
