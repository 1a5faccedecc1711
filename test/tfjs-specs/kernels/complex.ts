import * as tn from '@tenon/core';
import type { CastAttrs } from '@tensorflow/tfjs-core';
import type { Inputs, Kernel, Output, Parts } from '../kernel.js';
import { onParts } from './movement.js';

type ComplexInputs = Readonly<Record<'a' | 'b' | 'x' | 'input', Parts>>;
type ComplexKernel = (inputs: ComplexInputs, attrs: never) => Output;

const product = (a: Parts, b: Parts): Parts => ({
  re: tn.sub(tn.mul(a.re, b.re), tn.mul(a.im, b.im)),
  im: tn.add(tn.mul(a.re, b.im), tn.mul(a.im, b.re)),
});

/** sqrt(re^2 + im^2); dividing by the larger part first keeps the squares from underflowing. */
function modulus({ re, im }: Parts): tn.Tensor {
  const [a, b] = [tn.abs(re), tn.abs(im)];
  const larger = tn.maximum(a, b);
  const ratio = tn.divNoNan(tn.minimum(a, b), larger);
  return tn.mul(larger, tn.sqrt(tn.add(tn.square(ratio), 1)));
}

/** Kernels with a meaning of their own for complex numbers. */
const kernels: Readonly<Record<string, ComplexKernel>> = {
  Cast: ({ x }, { dtype }: CastAttrs) =>
    dtype === 'complex64' ? x : tn.cast(x.re, { dtype: dtype as tn.DType }),
  ComplexAbs: ({ x }) => modulus(x),
  Equal: ({ a, b }) => tn.logicalAnd(tn.equal(a.re, b.re), tn.equal(a.im, b.im)),
  Imag: ({ input }) => input.im,
  Multiply: ({ a, b }) => product(a, b),
  NotEqual: ({ a, b }) => tn.logicalOr(tn.notEqual(a.re, b.re), tn.notEqual(a.im, b.im)),
  OnesLike: ({ x }) => ({ re: tn.onesLike(x.re), im: tn.zerosLike(x.im) }),
  Real: ({ input }) => input.re,
  Square: ({ x }) => product(x, x),
};

const part = (x: tn.Tensor, index: number): tn.Tensor => {
  const begin = [...x.shape.map(() => 0).slice(1), index];
  const size = [...x.shape.slice(0, -1), 1] as number[];
  return tn.squeeze(tn.slice(x, { begin, size }), { axis: -1 });
};

const named = (inputs: object) => ({ ...inputs, list: Object.values(inputs) }) as unknown as Inputs;

/** The kernel of a name for a call in which the inputs of some names are complex. */
export function complexKernel(
  name: string,
  kernel: Kernel | undefined,
  complex: ReadonlySet<string>,
): Kernel {
  return ({ list: _, ...inputs }, attrs, context) => {
    const entries = Object.entries(inputs) as [string, tn.Tensor][];
    const along = (index: number) =>
      entries.map(([key, x]) => [key, complex.has(key) ? part(x, index) : x] as const);
    const [re, im] = [Object.fromEntries(along(0)), Object.fromEntries(along(1))];
    const own = kernels[name];
    if (own) {
      const pairs = entries.map(([key]) => [key, { re: re[key], im: im[key] }]);
      return own(Object.fromEntries(pairs) as ComplexInputs, attrs);
    }
    if (!kernel || !onParts.has(name)) throw new Error(`Tenon has no ${name} of complex numbers.`);
    const parts = [kernel(named(re), attrs, context), kernel(named(im), attrs, context)];
    const [reals, imags] = parts.map((part) => (Array.isArray(part) ? part : [part]));
    const outputs = (reals as tn.Tensor[]).map((real, i) => ({
      re: real,
      im: (imags as tn.Tensor[])[i] as tn.Tensor,
    }));
    return Array.isArray(parts[0]) ? outputs : (outputs[0] as Parts);
  };
}

/** Names of the kernels that only complex numbers have. */
export const complexNames: readonly string[] = Object.keys(kernels);
