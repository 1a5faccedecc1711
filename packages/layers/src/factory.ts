import type { z } from 'zod';

/** Options may be left out where none is required. */
type Given<S extends z.ZodType> =
  Record<never, never> extends z.input<S> ? [config?: z.input<S>] : [config: z.input<S>];

/** The function that makes a layer, as users call it: `dense({ units: 3 })`. */
export const factory =
  <S extends z.ZodType, L>(type: {
    readonly config: S;
    new (config?: z.input<S>): L;
  }): ((...config: Given<S>) => L) =>
  (...[config]) =>
    new type(config);
