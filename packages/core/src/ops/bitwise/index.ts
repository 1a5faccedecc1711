export { bitwiseAnd } from './bitwise-and.js';
export { bitwiseLeftShift } from './bitwise-left-shift.js';
export { bitwiseNot } from './bitwise-not.js';
export { bitwiseOr } from './bitwise-or.js';
export { bitwiseRightShift } from './bitwise-right-shift.js';
export { bitwiseRightShiftLogical } from './bitwise-right-shift-logical.js';
export { bitwiseXor } from './bitwise-xor.js';
