import { type ArgReduceOp, defineArgReduce } from './arg-reduce.js';

/** Index of the first largest element along an axis, as int32; NaN counts as largest. Errors: ATTRIBUTE_INVALID, SHAPE_INVALID. */
export const argMax: ArgReduceOp = /* @__PURE__ */ defineArgReduce('argMax', 'max');
