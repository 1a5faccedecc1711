import { GraphError } from '@tenon/core';
import type { RowSelection } from '../messages.js';
import type { ShardArithmetic, Share } from './arithmetic.js';

/** Parameters by name; rows of `width` elements, one row for what has none. */
export type ArrayParameters = Readonly<Record<string, ArrayParameter>>;

export interface ArrayParameter {
  readonly values: Float32Array;
  readonly width: number;
  /** Optimizer slots by name, each as long as `values`. */
  readonly slots?: Readonly<Record<string, Float32Array>>;
}

/** A gradient of all elements, or of rows: `values[i]` belongs to row `rows[i]`; a row may occur more than once. */
export type ArrayGradient =
  | { readonly values: Float32Array }
  | { readonly rows: readonly number[]; readonly values: Float32Array };

export type ArrayGradients = Readonly<Record<string, ArrayGradient>>;

/** Updates the elements `start` to `start + gradient.length` of a parameter, and of its slots, in place. */
export type ArrayOptimizer = (
  parameter: ArrayParameter,
  gradient: Float32Array,
  at: { readonly start: number; readonly share: Share },
) => void;

/** `x = x - rate * scale * gradient` */
export const arraySgd =
  (rate: number): ArrayOptimizer =>
  ({ values }, gradient, { start, share }) => {
    for (let i = 0; i < gradient.length; i++) {
      values[start + i] =
        (values[start + i] as number) - rate * share.scale * (gradient[i] as number);
    }
  };

/** Arithmetic of parameter shards on plain arrays; a row that no gradient names is neither read nor written. */
export function arrayArithmetic(
  optimizer: ArrayOptimizer,
): ShardArithmetic<ArrayParameters, ArrayGradients> {
  return {
    copy: (parameters) => mapValues(parameters, copied),
    read: (parameters, rows) => mapValues(parameters, (p, name) => read(p, rows?.[name])),
    apply(parameters, gradients, share) {
      for (const [name, parameter] of Object.entries(parameters)) {
        const mine = gradients.flatMap((gradient) => gradient[name] ?? []);
        for (const [start, sum] of summed(name, parameter, mine)) {
          for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) / share.divisor;
          optimizer(parameter, sum, { start, share });
        }
      }
    },
  };
}

/** Sums by first element: one over all elements, or one for each row that is named. */
function summed(
  name: string,
  parameter: ArrayParameter,
  gradients: readonly ArrayGradient[],
): Map<number, Float32Array> {
  const { values, width } = parameter;
  const sums = new Map<number, Float32Array>();
  const dense = gradients.some((gradient) => !('rows' in gradient));
  if (dense) sums.set(0, new Float32Array(values.length));
  for (const gradient of gradients) {
    check(name, parameter, gradient);
    const rows = 'rows' in gradient ? gradient.rows : undefined;
    const size = rows ? width : values.length;
    for (const [i, row] of (rows ?? [0]).entries()) {
      const piece = gradient.values.subarray(i * size, (i + 1) * size);
      const start = row * width;
      const sum = dense ? (sums.get(0) as Float32Array).subarray(start) : rowSum(sums, start, size);
      for (let j = 0; j < size; j++) sum[j] = (sum[j] as number) + (piece[j] as number);
    }
  }
  return sums;
}

function rowSum(sums: Map<number, Float32Array>, start: number, size: number): Float32Array {
  const sum = sums.get(start) ?? new Float32Array(size);
  sums.set(start, sum);
  return sum;
}

function check(name: string, { values, width }: ArrayParameter, gradient: ArrayGradient): void {
  const rows = 'rows' in gradient ? gradient.rows : undefined;
  const size = rows ? rows.length * width : values.length;
  if (gradient.values.length !== size) {
    throw new GraphError('SHAPE_MISMATCH', 'arrayArithmetic', {
      what: `the gradient of '${name}' has ${gradient.values.length} elements, ${size} are needed.`,
      fix: 'push gradients of the parameters that were pulled.',
    });
  }
  const wrong = rows?.find(
    (row) => !(Number.isSafeInteger(row) && row >= 0 && row * width < values.length),
  );
  if (wrong === undefined) return;
  throw new GraphError('INDEX_OUT_OF_RANGE', 'arrayArithmetic', {
    what: `the gradient of '${name}' names row ${wrong}; there are ${values.length / width}.`,
    fix: 'push rows of the parameter only.',
  });
}

function read({ values, width }: ArrayParameter, rows?: RowSelection[string]): ArrayParameter {
  if (!rows) return { values: values.slice(), width };
  const chosen = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    chosen.set(values.subarray(row * width, (row + 1) * width), i * width);
  }
  return { values: chosen, width };
}

function copied({ values, width, slots }: ArrayParameter): ArrayParameter {
  const copy = { values: values.slice(), width };
  return slots ? { ...copy, slots: mapValues(slots, (slot) => slot.slice()) } : copy;
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, change(v, k)]));
}
