export { tanh } from './tanh.js';
