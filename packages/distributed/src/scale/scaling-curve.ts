import type { ScaleOptions } from './scale-options.js';
import type { ScaleReport } from './scale-report.js';
import { simulateScale } from './simulate-scale.js';

export interface ScalingPoint extends ScaleReport {
  readonly workers: number;
  /** Examples per second over those of one synchronous worker. */
  readonly speedUp: number;
}

export interface ScalingCurveOptions extends Omit<ScaleOptions, 'workers' | 'backups'> {
  readonly workers: readonly number[];
  /** Workers of such a number that an update does not wait for; none by default. */
  readonly backups?: (workers: number) => number;
}

// A mean over the steps of few workers needs more of them.
const workerSteps = 400;

/**
 * Simulates one model with several numbers of workers. Where there are few of them it takes more than `steps` steps, so
 * that a mean over 400 or more step times is behind every point. Errors: ATTRIBUTE_INVALID.
 */
export function scalingCurve(options: ScalingCurveOptions): ScalingPoint[] {
  const { workers: counts, backups, steps = 20, ...others } = options;
  const stepsOf = (workers: number) => Math.max(steps, Math.ceil(workerSteps / workers));
  const single = { ...others, mode: 'sync', groups: 1, workers: 1, steps: stepsOf(1) } as const;
  const { examplesPerSecond: one } = simulateScale(single);
  return counts.map((workers) => {
    const report = simulateScale({
      ...others,
      workers,
      backups: backups?.(workers) ?? 0,
      steps: stepsOf(workers),
    });
    return { workers, speedUp: report.examplesPerSecond / one, ...report };
  });
}
