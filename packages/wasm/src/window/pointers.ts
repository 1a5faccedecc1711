import { type Code, seq } from '../encoder/code.js';
import { branchIf, type FunctionBuilder, type Local, loop } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

interface Walk {
  readonly count: number;
  /** Pointers, and how far they go on after each step. */
  readonly pointers: readonly (readonly [Local, number])[];
}

/** Runs the body a constant number of times and moves pointers on after each. */
export function forPointers(f: FunctionBuilder, { count, pointers }: Walk, body: Code): Code {
  const advance = pointers.map(([pointer, by]) => pointer.increase(by));
  if (count === 0) return [];
  if (count === 1) return seq(body, ...advance);
  const left = f.i32();
  return seq(
    left.set(i32.const(count)),
    loop(seq(body, ...advance, branchIf(left.tee(i32.sub(left.get, i32.const(1))), 0))),
  );
}
