export { isFinite } from './is-finite.js';
export { isInf } from './is-inf.js';
export { isNaN } from './is-nan.js';
