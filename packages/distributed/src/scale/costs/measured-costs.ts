import type { ScaleCosts } from './scale-costs.js';

/** An assumption, since loopback cannot tell: Ethernet of 10 Gb/s. */
export const assumedNetwork = {
  latency: 50e-6,
  workerBandwidth: 1.25e9,
  serverBandwidth: 1.25e9,
} as const;

/**
 * What this package takes for what on the machine of `benchmarks/scale/samples.json`, two cores that other programs
 * shared, and an assumed network; `fitCosts` gives these numbers.
 */
export const measuredCosts: ScaleCosts = {
  ...assumedNetwork,
  requestTime: 8.14e-6,
  transferTimePerByte: 0.486e-9,
  copyTimePerByte: 0.284e-9,
  sumTimePerByte: 0.707e-9,
  updateTimePerByte: 1.99e-9,
  stepTime: 3.69e-3,
  saveTime: 0.413e-3,
  saveTimePerWorker: 2.98e-6,
};
