import type { DType, KnownShape, Tensor } from '@tenon/core';
import { parseOptions } from '@tenon/core';
import { z } from 'zod';

/** Gives a weight its first value. */
export interface Initializer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  tensor(shape: KnownShape, dtype: DType): Tensor;
}

/** Makes an initializer of its options. */
export type Row<S extends z.ZodType> = (config?: z.input<S>) => Initializer;

/** An initializer from its options and the tensor that they give. */
export function defineInitializer<S extends z.ZodType>(
  className: string,
  schema: S,
  tensor: (config: z.output<S>, shape: KnownShape, dtype: DType) => Tensor,
): Row<S> {
  return (given) => {
    const config = parseOptions(className, schema, given);
    return {
      className,
      config: config as Record<string, unknown>,
      tensor: (shape, dtype) => tensor(config, shape, dtype),
    };
  };
}

/** Same seed, same numbers. */
export const seed = z.int().optional();
export const seeded = (value: number | undefined) => (value === undefined ? {} : { seed: value });
