import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { loop } from './scan-op.js';

export interface ScanOptions {
  /** The state before the first turn. */
  readonly initial?: readonly TensorLike[];
  /** Walked along their first axis; each turn sees one row of each. */
  readonly sequences?: readonly TensorLike[];
  /** Number of turns; that of the rows when left out. */
  readonly length?: number;
  /** From the last row to the first; the stacked outputs stay in the order of the rows. */
  readonly reverse?: boolean;
}

/** What one turn returns: the next state, and rows of the outputs. */
export interface ScanTurn {
  readonly carry: readonly TensorLike[];
  readonly outputs?: readonly TensorLike[];
}

export interface ScanResult {
  /** The state after the last turn. */
  readonly carry: readonly Tensor[];
  /** The outputs of all turns, stacked along a new first axis. */
  readonly outputs: readonly Tensor[];
}

/**
 * Folds a body over rows, `(carry, outputs[t]) = bodyFn(carry, sequences[t])`. The body may use any tensor around it; it is
 * traced once. Differentiable, as often as wanted. Random ops in the body draw other numbers at each turn.
 * Shapes: carry keeps its shape; sequences [length, ...row]; outputs row -> [length, ...row].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH, ATTRIBUTE_INVALID (neither sequences nor length), GRAPH_INVALID.
 */
export function scan(
  bodyFn: (carry: readonly Tensor[], rows: readonly Tensor[]) => ScanTurn,
  { initial = [], sequences = [], length, reverse = false }: ScanOptions,
): ScanResult {
  const where = 'scan';
  const tensors = (values: readonly TensorLike[]) =>
    values.map((value) => constantOf(value, undefined, where));
  const start = tensors(initial);
  const rows = tensors(sequences);
  checkSequences(rows);
  const { last, stacked } = loop({
    carries: start,
    sequences: rows,
    captures: [],
    length: length ?? null,
    reverse,
    body(state, slices) {
      const { carry, outputs = [] } = bodyFn(state, slices);
      checkCarry(start, carry.length);
      return {
        carries: carry.map((value, i) => constantOf(value, start[i], where)),
        outputs: tensors(outputs),
      };
    },
  });
  return { carry: last, outputs: stacked };
}

function checkCarry(initial: readonly Tensor[], found: number): void {
  if (found === initial.length) return;
  throw new GraphError('SHAPE_MISMATCH', 'scan', {
    what: `the body returns a state of ${found} tensors; it starts with ${initial.length}.`,
    given: { initial },
  });
}

function checkSequences(sequences: readonly Tensor[]): void {
  if (sequences.every(({ rank }) => rank > 0)) return;
  throw new GraphError('SHAPE_MISMATCH', 'scan', {
    what: 'a sequence is a scalar.',
    given: { sequences },
    fix: 'give it a first axis to walk along.',
  });
}
