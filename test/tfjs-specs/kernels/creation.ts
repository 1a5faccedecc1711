import * as tn from '@tenon/core';
import type { FillAttrs, LinSpaceAttrs, MultinomialAttrs, RangeAttrs } from '@tensorflow/tfjs-core';
import type { KernelTable } from '../kernel.js';

export const creation = {
  Complex: ({ real: re, imag: im }) => ({ re, im }),
  Fill: (_inputs, { shape, value, dtype }: FillAttrs, { codeOf }) =>
    typeof value === 'string'
      ? tn.fill({ shape, value: codeOf(value), dtype: 'int32' })
      : tn.fill({ shape, value, dtype: (dtype ?? 'float32') as tn.DType }),
  LinSpace: (_inputs, { start, stop, num }: LinSpaceAttrs) => tn.linspace({ start, stop, num }),
  Range: (_inputs, { start, stop, step, dtype }: RangeAttrs) =>
    tn.range({ start, stop, step, dtype: dtype ?? 'float32' }),
  Multinomial: ({ logits }, { numSamples, seed, normalized }: MultinomialAttrs) =>
    // tfjs takes any number for a seed, Tenon an integer.
    tn.multinomial(logits, { numSamples, seed: Math.floor(Math.abs(seed) * 2 ** 20), normalized }),
} satisfies KernelTable;
