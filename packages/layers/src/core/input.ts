import { type DType, parseOptions, placeholder, type Tensor } from '@tenon/core';
import { z } from 'zod';

const dtypes = [
  'float32',
  'float64',
  'int32',
  'int64',
  'uint8',
  'bool',
] as const satisfies readonly DType[];

export const inputConfig = z.strictObject({
  /** Without the batch; null where a size differs from run to run. */
  shape: z.array(z.int().min(0).nullable()).optional(),
  /** With the batch; instead of shape. */
  batchShape: z.array(z.int().min(0).nullable()).optional(),
  dtype: z.enum(dtypes).default('float32'),
  name: z.string().min(1).optional(),
});

/** A model's input: a tensor that stands for the data. Shapes: [batch, ...shape]. Errors: ATTRIBUTE_INVALID. */
export function input(given: z.input<typeof inputConfig>): Tensor {
  const { shape, batchShape, dtype, name } = parseOptions('input', inputConfig, given);
  return placeholder({
    shape: batchShape ?? [null, ...(shape ?? [])],
    dtype,
    name: name ?? 'input',
  });
}
