export { logSoftmax } from './log-softmax.js';
export { oneHotLike } from './one-hot-like.js';
export { sigmoidCrossEntropy } from './sigmoid-cross-entropy.js';
export { softmaxCrossEntropy } from './softmax-cross-entropy.js';
export { softmax } from './softmax.js';
export { sparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy.js';
