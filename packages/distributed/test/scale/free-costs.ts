import type { ScaleCosts } from '@tenon/distributed';

/** Everything but computing takes no time; a test sets what it is about. */
export const freeCosts: ScaleCosts = {
  latency: 0,
  workerBandwidth: 1e30,
  serverBandwidth: 1e30,
  requestTime: 0,
  transferTimePerByte: 0,
  copyTimePerByte: 0,
  sumTimePerByte: 0,
  updateTimePerByte: 0,
  stepTime: 0,
  saveTime: 0,
  saveTimePerWorker: 0,
};
