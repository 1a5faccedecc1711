/**
 * Source: Abadi et al. 2016, "TensorFlow: A System for Large-Scale Machine Learning", OSDI, section 6. Medians, seconds;
 * 16 parameter servers.
 */
export const nullSteps = [
  { name: 'scalar', workers: 1, bytes: 64, seconds: 0.0018, fitted: true },
  { name: 'scalar', workers: 100, bytes: 64, seconds: 0.0088, fitted: true },
  { name: 'dense 100 MB', workers: 1, bytes: 1e8, seconds: 0.147, fitted: false },
  { name: 'dense 100 MB', workers: 100, bytes: 1e8, seconds: 0.613, fitted: false },
  { name: 'dense 1 GB', workers: 1, bytes: 1e9, seconds: 1.01, fitted: true },
  { name: 'dense 1 GB', workers: 100, bytes: 1e9, seconds: 7.16, fitted: true },
] as const;

/** Least and greatest, for tables of 1 GB and 16 GB and every number of workers. */
export const sparseNullStep = [0.005, 0.02] as const;

/** Inception-v3 on 50 workers and so many backups: `t(0) / t(b) * 50 / (50 + b)`, greatest at 3 backups. */
export const backups = { workers: 50, best: 3, speedUp: 1.095, shortestStep: 4 } as const;

/** Images per second of Inception-v3 with asynchronous updates. */
export const asynchronous = { workers: 200, imagesPerSecond: 2300 } as const;
