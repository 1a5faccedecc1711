export { assign, assignAdd, assignOp, assignSub } from './assign.js';
export { group } from './group.js';
export { read } from './read.js';
