import type { ScaleCosts } from './scale-costs.js';

/** Placeholder until measured. */
export const measuredCosts: ScaleCosts = {
  latency: 50e-6,
  workerBandwidth: 1.25e9,
  serverBandwidth: 1.25e9,
  requestTime: 20e-6,
  transferTimePerByte: 0.4e-9,
  copyTimePerByte: 0.2e-9,
  sumTimePerByte: 0.5e-9,
  updateTimePerByte: 0.5e-9,
  stepTime: 100e-6,
  saveTime: 1e-3,
  saveTimePerWorker: 2e-6,
};
