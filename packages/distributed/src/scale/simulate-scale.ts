import { type ScaleOptions, wholeOptions } from './scale-options.js';
import type { ScaleReport } from './scale-report.js';
import { ScaleSimulation } from './scale-simulation.js';

/**
 * Simulates the training of a model on so many workers and parameter servers: the protocol of `Coordinator`,
 * `ParameterShard` and `WorkerProtocol` itself, on hosts that take time for what it does. The same options give the
 * same report. Nothing fails and nothing is lost; a step that is cancelled stops at once. Errors: ATTRIBUTE_INVALID.
 */
export function simulateScale(options: ScaleOptions): ScaleReport {
  return new ScaleSimulation(wholeOptions(options)).run();
}
