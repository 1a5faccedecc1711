export { placeholderOp, placeholder } from './placeholder.js';
