export {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
} from './crossentropy.js';
export type { Loss, LossFunction, LossInput } from './index.js';
export { MeanAbsoluteError, MeanSquaredError } from './regression.js';
