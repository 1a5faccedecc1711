import type { DType } from '../../../graph/dtype.js';
import { call, literal, select } from '../../../lower/kernel-builder.js';
import type { Expression } from '../../../lower/loop-ir.js';
import { gamma } from './gamma.js';
import { inverseErf } from './inverse-erf.js';
import { apply, openUnit, standardNormal, unit, working } from './units.js';

/** How words of random bits become one number of a distribution. */
export interface Distribution {
  /** Words of 32 bits for one number in float32 or less, and in float64. */
  readonly words: readonly [single: number, double: number];
  /** In what dtype the number is computed, for a wanted dtype. */
  value(bits: readonly Expression[], dtype: DType, parameters: readonly number[]): Expression;
}

// P(|z| < 2) for a standard normal z.
const withinTwo = 0.954499736103642;

/** By name, because attributes of nodes are plain data. */
export const distributions = {
  /** All 32 bits. */
  bits: { words: [1, 1], value: ([word]) => word as Expression },
  /** [low, high) */
  uniform: {
    words: [1, 2],
    value: (bits, dtype, [low, high]) =>
      apply(
        'add',
        apply('mul', unit(bits, dtype), (high as number) - (low as number)),
        low as number,
      ),
  },
  /**
   * Whole numbers from low to high - 1, each as likely as the others to about 2^-53 of the range.
   */
  integers: {
    words: [2, 2],
    value: (bits, _dtype, [low, high]) =>
      apply(
        'add',
        call('floor', apply('mul', unit(bits, 'float64'), (high as number) - (low as number))),
        low as number,
      ),
  },
  normal: {
    words: [2, 4],
    value: (bits, dtype, [mean, stdDev]) =>
      apply(
        'add',
        apply('mul', standardNormal(bits, working(dtype)), stdDev as number),
        mean as number,
      ),
  },
  /**
   * Normal, no further than two standard deviations from the mean: the inverse of its distribution
   * function.
   */
  truncatedNormal: {
    words: [1, 2],
    value(bits, dtype, [mean, stdDev]) {
      const u = openUnit(bits, working(dtype));
      const z = apply(
        'mul',
        inverseErf(apply('mul', apply('sub', apply('mul', u, 2), 1), withinTwo)),
        Math.SQRT2,
      );
      return apply('add', apply('mul', z, stdDev as number), mean as number);
    },
  },
  /** `-log(-log u)` */
  gumbel: {
    words: [1, 2],
    value: (bits, dtype) =>
      call('neg', call('log', call('neg', call('log', openUnit(bits, working(dtype)))))),
  },
  /** shape, rate */
  gamma,
  /** 0 with probability rate, else 1 / (1 - rate). */
  dropout: {
    words: [1, 1],
    value(bits, dtype, [rate]) {
      const dropped = apply('less', unit(bits, 'float32'), rate as number);
      return select(
        dropped,
        literal(0, working(dtype)),
        literal(1 / (1 - (rate as number)), working(dtype)),
      );
    },
  },
} as const satisfies Record<string, Distribution>;

export type DistributionName = keyof typeof distributions;
export const distributionNames = Object.keys(distributions) as [
  DistributionName,
  ...DistributionName[],
];
