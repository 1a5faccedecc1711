export { exp } from './exp.js';
export { log } from './log.js';
export { sigmoid } from './sigmoid.js';
