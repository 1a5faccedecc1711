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
  requestTime: 5.54e-6,
  transferTimePerByte: 0.1764e-9,
  copyTimePerByte: 0.1048e-9,
  sumTimePerByte: 0.4833e-9,
  updateTimePerByte: 1.3e-9,
  stepTime: 1.634e-3,
  saveTime: 0.2808e-3,
  saveTimePerWorker: 1.998e-6,
};
