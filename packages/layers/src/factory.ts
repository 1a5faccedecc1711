import type { z } from 'zod';

/** The function that makes a layer, as users call it: `dense({ units: 3 })`. */
export const factory =
  <S extends z.ZodType, L>(type: { readonly config: S; new (config: z.input<S>): L }) =>
  (config: z.input<S>): L =>
    new type(config);
