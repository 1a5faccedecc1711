import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { IndexReader } from './index-reader.js';

interface Checked {
  readonly count: number;
  readonly size: number;
  /** What to do with the index that was read last, at a position. */
  good?(position: Local): Code;
}

/** Reads the second input and notes its first index that is not in 0..size - 1. Every thread looks at all of them. */
export function checkIndices(
  k: KernelFunction,
  reader: IndexReader,
  { count, size, good = () => [] }: Checked,
): Code {
  const { f } = k;
  const indices = k.inputs[1] as Local;
  const at = f.i32();
  return seq(
    at.set(indices.get),
    f.for({ to: i32.const(count) }, (i) =>
      seq(
        reader.read(at.get),
        when(reader.inside(size), good(i), k.fail(i.get, reader.value)),
        at.increase(reader.bytes),
      ),
    ),
  );
}
