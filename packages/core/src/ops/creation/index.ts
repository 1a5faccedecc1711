export { type EyeOptions, eye } from './eye.js';
export { fill } from './fill.js';
export { fullLike } from './full-like.js';
export { iota } from './iota.js';
export { type LinspaceOptions, linspace } from './linspace.js';
export { ones } from './ones.js';
export { onesLike } from './ones-like.js';
export { placeholder, placeholderOp } from './placeholder.js';
export { type RangeOptions, range } from './range.js';
export {
  scalar,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  tensor5d,
  tensor6d,
} from './tensor.js';
export { zeros } from './zeros.js';
export { zerosLike } from './zeros-like.js';
