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

/** Simulates one model with several numbers of workers. Errors: ATTRIBUTE_INVALID. */
export function scalingCurve(options: ScalingCurveOptions): ScalingPoint[] {
  const { workers: counts, backups, ...others } = options;
  const { examplesPerSecond: one } = simulateScale({
    ...others,
    mode: 'sync',
    groups: 1,
    workers: 1,
  });
  return counts.map((workers) => {
    const report = simulateScale({ ...others, workers, backups: backups?.(workers) ?? 0 });
    return { workers, speedUp: report.examplesPerSecond / one, ...report };
  });
}
