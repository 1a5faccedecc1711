import { type DType, type HostTensor, hostTensor, isFloat, sizeOf } from '@tenon/core';
import type { Domain, OpCase } from './op-case.js';
import type { Random } from './random.js';

const floats: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];

export const dtypesOf = ({ dtypes = floats }: OpCase): readonly DType[] => dtypes;

/** dtype of input `i` when the row is applied to `dtype`. */
export const inputDType = ({ inputDTypes }: OpCase, i: number, dtype: DType): DType =>
  inputDTypes?.[i] ?? dtype;

const domainOf = ({ domain }: OpCase, i: number, dtype: DType): Domain => {
  const given = Array.isArray(domain) ? (domain as readonly Domain[])[i] : (domain as Domain);
  return given ?? (isFloat(dtype) ? { from: -2, to: 2 } : { from: -5, to: 5 });
};

const clearance = 0.05;

function drawOne({ from, to, integer, avoid = [] }: Domain, dtype: DType, random: Random): number {
  const least = dtype === 'uint8' || dtype === 'bool' ? Math.max(0, from) : from;
  const whole = integer || !isFloat(dtype);
  for (let tries = 0; tries < 1000; tries++) {
    const value = whole
      ? Math.ceil(least) + Math.floor(random.next() * (Math.floor(to) - Math.ceil(least) + 1))
      : Math.fround(least + random.next() * (to - least));
    if (avoid.every((point) => Math.abs(value - point) >= clearance)) return value;
  }
  throw new Error(`no number of dtype ${dtype} in [${from}, ${to}] stays clear of ${avoid}`);
}

/** Random values of a shape; every value is one that float32 holds too, so that all dtypes of floats see nearly the same. */
export function draw(
  domain: Domain,
  { dtype, shape }: { dtype: DType; shape: readonly number[] },
  random: Random,
): HostTensor {
  const bit: Domain = { from: 0, to: 1, integer: true };
  const values = Float64Array.from({ length: sizeOf(shape) }, () =>
    drawOne(dtype === 'bool' ? bit : domain, dtype, random),
  );
  return hostTensor(values, { dtype, shape });
}

/** Inputs of a row for one list of shapes. */
export const drawInputs = (
  row: OpCase,
  { shapes, dtype }: { shapes: readonly (readonly number[])[]; dtype: DType },
  random: Random,
): HostTensor[] =>
  shapes.map((shape, i) => {
    const own = inputDType(row, i, dtype);
    return draw(domainOf(row, i, own), { dtype: own, shape }, random);
  });
