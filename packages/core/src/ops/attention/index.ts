export { causalMask } from './causal-mask.js';
export {
  type AttentionOptions,
  scaledDotProductAttention,
} from './scaled-dot-product-attention.js';
