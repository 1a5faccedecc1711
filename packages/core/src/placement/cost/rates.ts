import { z } from 'zod';
import type { Device } from '../../devices/device.js';
import { GraphError } from '../../errors.js';
import { param } from '../../graph/region.js';
import type { Tensor } from '../../graph/tensor.js';
import { lowerPart, orderFrom } from '../../lower/lower.js';
import { add } from '../../ops/arithmetic/add.js';
import { exp } from '../../ops/exponential/exp.js';
import { matMul } from '../../ops/linear/mat-mul.js';
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
  const square = () => param({ dtype: 'float32', shape: [side, side] });
  const long = (size: number) => param({ dtype: 'float32', shape: [size] });
  const launch = secondsOf(device, (x) => add(x, 1), [long(1)]);
  const beyond = (seconds: number) => Math.max(seconds - launch, 1e-8);
  const product = beyond(
    secondsOf(device, (a, b) => matMul(a as Tensor, b as Tensor), [square(), square()]),
  );
  const passed = beyond(secondsOf(device, (x) => exp(x as Tensor), [long(elements)]));
  const copied = beyond(
    secondsOf(device, (a, b) => add(a as Tensor, b as Tensor), [
      long(copiedElements),
      long(copiedElements),
    ]),
  );
  return {
    productFlops: (2 * side ** 3) / product,
    // exp: one load, one call.
    elementOps: (2 * elements) / passed,
    bytes: (3 * 4 * copiedElements) / copied,
    launch,
  };
}

function secondsOf(
  device: Device,
  build: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): number {
  const output = build(...inputs);
  const nodes = orderFrom([output], new Set(inputs));
  const part = { inputs, outputs: [output], updates: [], nodes };
  return medianSeconds(device, lowerPart(part, device), { milliseconds: 5 });
}
