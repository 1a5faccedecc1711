import * as tn from '@tenon/core';
import type { Context } from '../kernel.js';

/** 0 to size - 1. */
export const count = (size: number): tn.Tensor =>
  tn.range({ start: 0, stop: size, dtype: 'int32' });

export const integers = (values: readonly number[]): tn.Tensor =>
  tn.constant([...values], { dtype: 'int32', shape: [values.length] });

export const numbersOf = ({ data }: tn.HostTensor): number[] =>
  Array.from(data as Int32Array, Number);

/** The sum of a tensor, read where it decides about a shape. */
export const total = (x: tn.Tensor, { read }: Context): number =>
  numbersOf(read(tn.sum(x)))[0] ?? 0;
