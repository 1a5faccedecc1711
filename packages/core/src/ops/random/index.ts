export { dropout } from './dropout.js';
export { fromBits } from './from-bits.js';
export { categorical, multinomial, randomCategorical } from './multinomial.js';
export { randomBernoulli } from './random-bernoulli.js';
export { randomBits } from './random-bits.js';
export { randomGamma } from './random-gamma.js';
export { randomLike } from './random-like.js';
export {
  randomNormal,
  randomNormalLike,
  randomStandardNormal,
  truncatedNormal,
} from './random-normal.js';
export { randomUniform, randomUniformInt, randomUniformLike } from './random-uniform.js';
export { randomPermutation, shuffle } from './shuffle.js';
