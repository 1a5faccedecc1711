export type { AxisRange, Cut } from '../sharding/cut.js';
export { constant, type TensorLike } from './constant.js';
export { defineMultiOp, defineOp, type Op } from './define-op.js';
export {
  type DType,
  dtypeNames,
  dtypes,
  isFloat,
  isInteger,
  promote,
  type TypedArray,
} from './dtype.js';
export { Func } from './func.js';
export {
  HostTensor,
  hostTensor,
  type NestedArray,
  roundToBfloat16,
  roundToFloat16,
  type TensorData,
} from './host-tensor.js';
export type { GradientContext, OpDefinition, OpInfo } from './op.js';
export { formatTensor, printNode } from './print.js';
export { applyAgain, topologicalOrder } from './rewrite.js';
export { controlDependencies, withDevice, withName } from './scope.js';
export {
  axesOf,
  axisOf,
  axisSize,
  checkedShape,
  type KnownShape,
  type Shape,
  sizeOf,
} from './shape.js';
export { Node, Tensor, type TensorSpec } from './tensor.js';
export { asVariable, Variable, type VariableOptions, variable } from './variable.js';
