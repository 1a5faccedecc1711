import { type DType, dtypes, type HostTensor, hostTensor, isFloat } from '@tenon/core';
import type { Expected } from './expected.js';

interface Closeness {
  /** Relative. */
  readonly tolerance: number;
  /** Absolute; the relative one counts for numbers near 0 too when left out. */
  readonly absolute?: number;
  /** Whether -0 and 0 differ. */
  readonly signedZero?: boolean;
}

/** Tolerance of float32 scaled to another dtype; integers and bool must be exact. */
export function scaledTolerance(tolerance: number, dtype: DType): number {
  if (!isFloat(dtype)) return 0;
  if (dtype === 'float16') return Math.max(1e-2, tolerance * 100);
  return dtype === 'bfloat16' ? Math.max(6e-2, tolerance * 800) : tolerance;
}

/** Throws an error that says where two results differ. */
export function expectClose(
  actual: HostTensor,
  expected: Expected,
  { tolerance, absolute, signedZero = false }: Closeness,
): void {
  if (expected.kind && expected.kind !== dtypes[actual.dtype].kind) {
    throw new Error(`the dtype is ${actual.dtype}, expected one of kind ${expected.kind}`);
  }
  if (expected.shape && String(expected.shape) !== String(actual.shape)) {
    throw new Error(`the shape is [${actual.shape}], expected [${expected.shape}]`);
  }
  if (expected.values.length !== actual.size) {
    throw new Error(`there are ${actual.size} elements, expected ${expected.values.length}`);
  }
  const wanted = inDType(expected, actual.dtype);
  const magnitude = isHalf(actual.dtype) ? largest(wanted) : 0;
  const room = absolute ?? tolerance * Math.max(1, magnitude);
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(actual.data[i]), wanted[i] as number];
    const close =
      a === b ? !signedZero || Object.is(a, b) : Math.abs(a - b) <= room + tolerance * Math.abs(b);
    if (close || (Number.isNaN(a) && Number.isNaN(b))) continue;
    throw new Error(
      `element ${i} of ${actual.dtype}[${actual.shape}] is ${shown(a)}, expected ${shown(b)}`,
    );
  }
}

const shown = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));
const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16';

/** What the dtype makes of the numbers: halves overflow, integers wrap. */
function inDType({ values }: Expected, dtype: DType): number[] {
  const numbers = Array.from(values, Number);
  if (dtype === 'float64' || dtype === 'int64') return numbers;
  return Array.from(
    hostTensor(Float64Array.from(numbers), { dtype }).data as ArrayLike<number>,
    Number,
  );
}

const largest = (values: readonly number[]): number =>
  values.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );

/** Throws unless two results agree in dtype, shape and every bit. */
export function expectSame(actual: HostTensor, expected: HostTensor): void {
  if (actual.dtype !== expected.dtype)
    throw new Error(`the dtype is ${actual.dtype}, expected ${expected.dtype}`);
  const values = Array.from(expected.data as ArrayLike<number>);
  if (String(expected.shape) !== String(actual.shape))
    throw new Error(`the shape is [${actual.shape}], expected [${expected.shape}]`);
  values.forEach((value, i) => {
    if (!Object.is(actual.data[i], value))
      throw new Error(
        `element ${i} is ${shown(actual.data[i] as number)}, expected ${shown(value)}`,
      );
  });
}
