export { arithmeticCases } from './arithmetic.js';
