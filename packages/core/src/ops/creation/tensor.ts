import { GraphError } from '../../errors.js';
import { constant } from '../../graph/constant.js';
import type { DType } from '../../graph/dtype.js';
import type { TensorData } from '../../graph/host-tensor.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';

/** A tensor of given values, as `constant`, with the arguments in TensorFlow.js's order. Errors: VALUE_INVALID. */
export const tensor = (values: TensorData, shape?: KnownShape, dtype?: DType): Tensor =>
  constant(values, { ...(shape ? { shape } : {}), ...(dtype ? { dtype } : {}) });

/** A tensor without axes. Errors: SHAPE_MISMATCH. */
export const scalar = (value: number | bigint | boolean, dtype?: DType): Tensor =>
  ofRank('scalar', 0, tensor(value, undefined, dtype));

type FixedRank = (values: TensorData, shape?: KnownShape, dtype?: DType) => Tensor;

const fixedRank =
  (rank: number): FixedRank =>
  (values, shape, dtype) =>
    ofRank(`tensor${rank}d`, rank, tensor(values, shape, dtype));

/** A tensor of 1 axis. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export const tensor1d = (values: TensorData, dtype?: DType): Tensor =>
  ofRank('tensor1d', 1, tensor(values, undefined, dtype));

/** A tensor of 2 axes: nested arrays, or flat values and a shape. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export const tensor2d: FixedRank = /* @__PURE__ */ fixedRank(2);

/** A tensor of 3 axes: nested arrays, or flat values and a shape. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export const tensor3d: FixedRank = /* @__PURE__ */ fixedRank(3);

/** A tensor of 4 axes: nested arrays, or flat values and a shape. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export const tensor4d: FixedRank = /* @__PURE__ */ fixedRank(4);

/** A tensor of 5 axes: nested arrays, or flat values and a shape. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export const tensor5d: FixedRank = /* @__PURE__ */ fixedRank(5);

/** A tensor of 6 axes: nested arrays, or flat values and a shape. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export const tensor6d: FixedRank = /* @__PURE__ */ fixedRank(6);

function ofRank(where: string, rank: number, made: Tensor): Tensor {
  if (made.rank === rank) return made;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `the values have ${made.rank} axes, not ${rank}.`,
    given: { values: made },
    fix: 'nest the arrays as deep as the rank, or give flat values and the shape.',
  });
}
