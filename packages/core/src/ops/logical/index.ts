export { logicalAnd } from './logical-and.js';
export { logicalNot } from './logical-not.js';
export { logicalOr } from './logical-or.js';
export { logicalXor } from './logical-xor.js';
export { select } from './select.js';
export { where } from './where.js';
