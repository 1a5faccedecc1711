import type { ScaleCosts } from '../costs/scale-costs.js';
import { fitLine } from './fit-line.js';
import type { ScaleSamples } from './samples.js';

/** What loopback cannot tell. */
export type NetworkCosts = Pick<ScaleCosts, 'latency' | 'workerBandwidth' | 'serverBandwidth'>;

/**
 * Costs of a cluster of machines like the one that was measured, joined by a network. Errors: VALUE_INVALID where
 * samples are all of one size.
 */
export function fitCosts(samples: ScaleSamples, network: NetworkCosts): ScaleCosts {
  const { smallPull, transfers, reads, applies, saves, nullSteps } = samples;
  // A server's time for one update, per byte: `sum members + update`.
  const apply = fitLine(applies.map(({ bytes, members, seconds }) => [members, seconds / bytes]));
  const save = fitLine(saves.map(({ workers, seconds }) => [workers, seconds]));
  const nullStep = fitLine(nullSteps.map(({ workers, seconds }) => [workers, seconds]));
  return {
    ...network,
    // Of many pulls each takes either end one message in and one out.
    requestTime: smallPull.together / 2,
    transferTimePerByte: fitLine(transfers.map(({ bytes, seconds }) => [bytes, seconds])).slope,
    copyTimePerByte: fitLine(reads.map(({ bytes, seconds }) => [bytes, seconds])).slope,
    sumTimePerByte: apply.slope,
    updateTimePerByte: apply.intercept,
    stepTime: nullStep.intercept + nullStep.slope,
    saveTime: save.intercept,
    saveTimePerWorker: save.slope,
  };
}
