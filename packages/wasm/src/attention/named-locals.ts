import type { FunctionBuilder, Local } from '../encoder/function.js';

/** New i32 locals by name. */
export const namedLocals = <const N extends string>(
  f: FunctionBuilder,
  names: readonly N[],
): Readonly<Record<N, Local>> =>
  Object.fromEntries(names.map((name) => [name, f.i32()])) as Record<N, Local>;
