export { cummax } from './cummax.js';
export { cummin } from './cummin.js';
export { cumprod } from './cumprod.js';
export { cumsum } from './cumsum.js';
export { linearRecurrence } from './linear-recurrence.js';
