import {
  publishedCosts,
  publishedStragglers,
  type ScaleModel,
  type ScaleReport,
  simulateScale,
} from '../../../src/scale/index.js';
import { backups as published } from './figures.js';

/**
 * Inception-v3: 23.9 million parameters. 32 images for a step of each worker, and stragglers of one form, are
 * assumptions; the median and how many steps straggle are fitted.
 */
export function inception(median: number, probability: number): ScaleModel {
  const { spread, tail } = publishedStragglers;
  return {
    denseBytes: 4 * 23_851_784,
    examplesPerStep: 32,
    computeTime: { median, spread, tail: { ...tail, probability } },
  };
}

/** Seconds, fitted to `asynchronous`. */
export const inceptionMedian = 2.649;

/** 50 workers and so many backups. */
export function withBackups(model: ScaleModel, backups: number, steps: number): ScaleReport {
  return simulateScale({
    model,
    workers: published.workers + backups,
    backups,
    parameterServers: 16,
    costs: publishedCosts,
    steps,
    warmUp: 1,
  });
}

/** The gain of backups over the gain of as many more workers: `t(0) / t(b) * n / (n + b)`. */
export const normalised = (without: number, time: number, backups: number): number =>
  ((without / time) * published.workers) / (published.workers + backups);
