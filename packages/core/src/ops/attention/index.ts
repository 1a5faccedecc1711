export { attention } from './attention.js';
export { attentionGradient } from './attention-gradient.js';
export { causalMask } from './causal-mask.js';
export {
  type AttentionOptions,
  scaledDotProductAttention,
} from './scaled-dot-product-attention.js';
