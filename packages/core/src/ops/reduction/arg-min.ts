import { type ArgReduceOp, defineArgReduce } from './arg-reduce.js';

/** Index of the first smallest element along an axis, as int32; NaN counts as smallest. Errors: ATTRIBUTE_INVALID, SHAPE_INVALID. */
export const argMin: ArgReduceOp = /* @__PURE__ */ defineArgReduce('argMin', 'min');
