import { type ScaleCosts, type ScaleModel, simulateScale } from '../../../src/scale/index.js';

const still = { median: 0, spread: 0 };

/** Rows of the lookup in a table of so many bytes. */
export const lookup = (tableBytes: number) => ({ tableBytes, rowBytes: 4096, rowsPerStep: 32 });

/** Median seconds of synchronous steps that compute nothing, 16 parameter servers. */
export function nullStep(
  model: Pick<ScaleModel, 'denseBytes' | 'sparse'>,
  workers: number,
  costs: ScaleCosts,
): number {
  const { stepTime } = simulateScale({
    model: { ...model, examplesPerStep: 1, computeTime: still },
    workers,
    parameterServers: 16,
    costs,
    steps: 5,
    warmUp: 1,
  });
  return stepTime.median;
}
