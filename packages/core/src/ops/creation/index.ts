export { onesLike } from './ones-like.js';
export { placeholderOp, placeholder } from './placeholder.js';
export { zerosLike } from './zeros-like.js';
