import fc from 'fast-check';
import { compileTemplate } from '../../../../src/devices/js/templates/index.js';
import { type DType, dtypes, type TypedArray } from '../../../../src/graph/dtype.js';
import type { Template } from '../../../../src/lower/template.js';

export const context = { seed: [3, 4], step: 5 } as const;

/** Small whole numbers: every dtype holds them, and sums of their products are exact. */
export const wholeNumbers = (length: number, seed: number): number[] =>
  Array.from(
    { length },
    (_, i) => (((Math.imul(i + 1, 2654435761) ^ Math.imul(seed, 40503)) >>> 7) % 7) - 3,
  );

export function arrayOf(dtype: DType, values: readonly number[]): TypedArray {
  const array = new dtypes[dtype].device(values.length);
  values.forEach((value, i) => {
    array[i] = dtype === 'int64' ? BigInt(value) : value;
  });
  return array;
}

export const numbers = (array: TypedArray): number[] => Array.from(array as Float32Array, Number);

interface Run {
  readonly inputs: readonly TypedArray[];
  /** Arrays that the outputs are written to. They are filled with ones, so that a kernel must set them. */
  readonly outputs: readonly TypedArray[];
}

/** Runs a template twice on the same memory, because scratch must not carry over; gives the outputs as numbers. */
export function runTemplate(template: Template, { inputs, outputs }: Run): number[][] {
  const run = compileTemplate(template, inputs, outputs);
  for (let i = 0; i < 2; i++) {
    for (const output of outputs)
      (output as Float32Array).fill((output instanceof BigInt64Array ? 1n : 1) as number);
    run(context);
  }
  return outputs.map(numbers);
}

export const computed = [
  'float32',
  'float64',
  'int32',
  'int64',
  'int8',
] as const satisfies readonly DType[];

export const size = fc.integer({ min: 0, max: 17 });
export const seed = fc.integer({ min: 0, max: 1000 });
export const dtype = fc.constantFrom(...computed);

/** The value that an integer dtype keeps of a whole number. */
export const kept = (type: DType, values: readonly number[]): number[] =>
  numbers(arrayOf(type, values));
