export { matMul } from './mat-mul.js';
