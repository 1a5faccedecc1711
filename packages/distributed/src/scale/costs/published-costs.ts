import type { ScaleCosts } from './scale-costs.js';

/**
 * Costs that give four published null-step times of TensorFlow in a data centre; times per byte are all in the
 * bandwidths, which such figures cannot tell from each other.
 * Source: Abadi et al. 2016, "TensorFlow: A System for Large-Scale Machine Learning", OSDI, section 6.2.
 */
export const publishedCosts: ScaleCosts = {
  latency: 127.2e-6,
  workerBandwidth: 1.983e9,
  serverBandwidth: 1.745e9,
  requestTime: 7.638e-6,
  transferTimePerByte: 0,
  copyTimePerByte: 0,
  sumTimePerByte: 0,
  updateTimePerByte: 0,
  stepTime: 0,
  saveTime: 0,
  saveTimePerWorker: 0,
};

/**
 * Spread and stragglers of a shared cluster. The form is an assumption; the probability is fitted to what three backups
 * gained in the same source, section 6.3.
 */
export const publishedStragglers = {
  spread: 0.1,
  tail: { probability: 0.0425, factor: 1.2, shape: 10 },
} as const;
