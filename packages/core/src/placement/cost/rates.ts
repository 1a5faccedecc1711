import { z } from 'zod';
import type { Device } from '../../devices/device.js';
import { GraphError } from '../../errors.js';
import { dtypes } from '../../graph/dtype.js';
import { sizeOf } from '../../graph/shape.js';
import { elementwise } from '../../lower/kernel-builder.js';
import type { KnownSpec, Lowering } from '../../lower/lowering.js';
import type { Instruction, Program } from '../../lower/program.js';
import type { ScalarFunction } from '../../lower/scalar.js';
import { medianSeconds } from './median-seconds.js';
import type { Work } from './work.js';

const positive = z.number().positive();

/** How fast a device is. */
export const ratesSchema = z.strictObject({
  /** Additions and multiplications of products, a second. */
  productFlops: positive,
  /** Elements that loops pass, a second. */
  elementOps: positive,
  /** Bytes that are read and written, a second. */
  bytes: positive,
  /** Seconds that a kernel takes at least. */
  launch: z.number().nonnegative(),
});

export type Rates = Readonly<z.output<typeof ratesSchema>>;

/** Seconds of a kernel: `max(productFlops / F + elementOps / E, bytes / B) + launch`. */
export const kernelSeconds = (work: Work, rates: Rates): number =>
  Math.max(
    work.productFlops / rates.productFlops + work.elementOps / rates.elementOps,
    work.bytes / rates.bytes,
  ) + rates.launch;

const known = new WeakMap<Device, Rates>();

/** What a device says of itself, or what was measured once. Errors: ATTRIBUTE_INVALID for one that says nothing and must be waited for. */
export function ratesOf(device: Device): Rates {
  const rates = device.rates ?? known.get(device) ?? measured(device);
  known.set(device, rates);
  return rates;
}

// Large enough to be beyond what starting costs, small enough that all of it takes some ten milliseconds on a slow device.
const side = 96;
const elements = 2 ** 16;
// Beyond the caches: what large tensors meet.
const copiedElements = 2 ** 19;

function measured(device: Device): Rates {
  if (!device.synchronous) {
    throw new GraphError('ATTRIBUTE_INVALID', device.name, {
      what: 'automatic placement does not know how fast it is, and it can not be measured at once.',
      fix: 'give the device `rates`.',
    });
  }
  const seconds = (kernel: Lowering, inputs: readonly KnownSpec[]) =>
    medianSeconds(device, kernelProgram(kernel, inputs), { milliseconds: 5 });
  const long = (size: number): KnownSpec => ({ dtype: 'float32', shape: [size] });
  const loop = (fn: ScalarFunction, size: number, inputs: number) => {
    const specs = Array.from({ length: inputs }, () => long(size));
    return seconds(elementwise(fn, specs, long(size)), specs);
  };
  const launch = loop('exp', 1, 1);
  const beyond = (time: number) => Math.max(time - launch, 1e-8);
  const square: KnownSpec = { dtype: 'float32', shape: [side, side] };
  return {
    productFlops: (2 * side ** 3) / beyond(seconds(squareProduct, [square, square])),
    // exp: one load, one call.
    elementOps: (2 * elements) / beyond(loop('exp', elements, 1)),
    bytes: (3 * 4 * copiedElements) / beyond(loop('add', copiedElements, 2)),
    launch,
  };
}

const squareProduct: Lowering = {
  kind: 'template',
  template: {
    kind: 'gemm',
    dtype: 'float32',
    batch: 1,
    m: side,
    k: side,
    n: side,
    transposeA: false,
    transposeB: false,
    batchedA: false,
    batchedB: false,
  },
};

/** A program of one kernel, whose result is like its first input. */
function kernelProgram(kernel: Lowering, inputs: readonly KnownSpec[]): Program {
  const output = inputs[0] as KnownSpec;
  const bytes = sizeOf(output.shape) * dtypes[output.dtype].bytes;
  const places = inputs.map((_, index) => index);
  const made = inputs.length;
  return {
    values: [
      ...inputs.map((spec, index) => ({ ...spec, storage: { kind: 'input' as const, index } })),
      { ...output, storage: { kind: 'arena', offset: 0 } },
    ],
    instructions: [
      { ...(kernel as Instruction), inputs: places, outputs: [made], where: 'measure' },
    ],
    commitFrom: 1,
    inputs: places,
    outputs: [made],
    variables: [],
    commits: [],
    arenaBytes: bytes,
    leastBytes: bytes,
  };
}
