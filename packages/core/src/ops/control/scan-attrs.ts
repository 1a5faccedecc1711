import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { Func } from '../../graph/func.js';
import { sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';

export const scanAttrs = z.strictObject({
  body: z.instanceof(Func),
  carries: z.int().min(0),
  sequences: z.int().min(0),
  length: z.int().min(0).nullable(),
  reverse: z.boolean(),
  /** The last stacked results are the state before each turn, which the gradient needs. */
  history: z.boolean(),
});

export type ScanAttrs = z.output<typeof scanAttrs>;

/** What a scan is built of. */
export interface Loop {
  readonly carries: readonly Tensor[];
  readonly sequences: readonly Tensor[];
  /** Handed to every turn as they are. What the body uses besides is captured too. */
  readonly captures: readonly Tensor[];
  readonly length: number | null;
  readonly reverse: boolean;
  body(carries: readonly Tensor[], slices: readonly Tensor[], captures: readonly Tensor[]): Turn;
}

export interface Turn {
  readonly carries: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export interface LoopResult {
  readonly last: readonly Tensor[];
  readonly stacked: readonly Tensor[];
}

interface Sized {
  readonly dtype: Tensor['dtype'];
  readonly shape: Tensor['shape'];
}

/** The number of turns, null while unknown. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID. */
export function scanLength(
  values: readonly Sized[],
  { carries, sequences, length }: ScanAttrs,
): number | null {
  const given = values.slice(carries, carries + sequences);
  const refuse = (what: string, fix: string): never => {
    throw new GraphError('SHAPE_MISMATCH', 'scan', { what, given: { sequences: given }, fix });
  };
  if (given.some(({ shape }) => shape.length === 0))
    refuse('a sequence is a scalar.', 'give it a first axis to walk along.');
  if (given.length === 0 && length === null) {
    throw new GraphError('ATTRIBUTE_INVALID', 'scan', {
      what: 'there is neither a sequence nor a length.',
      fix: 'add { length: 10 }.',
    });
  }
  let size = length;
  for (const { shape } of given) {
    const first = shape[0] as number | null;
    if (!sizesAgree(size, first))
      refuse(`the sequences are of length ${size} and ${first}.`, 'make their first axes equal.');
    size ??= first;
  }
  return size;
}
