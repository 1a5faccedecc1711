import type { TypedArray } from '../../../graph/dtype.js';
import type { Template } from '../../../lower/template.js';
import { decodeHalf, encodeHalf } from '../../memory.js';
import type { TemplateKernel } from './kernel.js';

type HalfPrecision = 'float16' | 'bfloat16';
type Compile = (
  template: Template,
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
) => TemplateKernel;

interface Pair {
  readonly half: Uint16Array;
  readonly wide: Float32Array;
}

/** Runs a template of half precision in float32: widens the inputs, runs the kernel, rounds the outputs. */
export function compileHalf(
  compile: Compile,
  template: Template & { readonly dtype: HalfPrecision },
  arrays: { readonly inputs: readonly TypedArray[]; readonly outputs: readonly TypedArray[] },
): TemplateKernel {
  const { dtype } = template;
  const inputs = widen(arrays.inputs);
  const outputs = widen(arrays.outputs);
  const run = compile({ ...template, dtype: 'float32' }, inputs.arrays, outputs.arrays);
  return (context) => {
    for (const { half, wide } of inputs.pairs) decodeHalf(dtype, half, wide);
    run(context);
    for (const { half, wide } of outputs.pairs) encodeHalf(dtype, wide, half);
  };
}

/** Replaces the arrays of 16-bit floats by float32 scratch; others, such as indices, stay. */
function widen(arrays: readonly TypedArray[]): { arrays: TypedArray[]; pairs: Pair[] } {
  const pairs: Pair[] = [];
  const widened = arrays.map((half) => {
    if (!(half instanceof Uint16Array)) return half;
    const wide = new Float32Array(half.length);
    pairs.push({ half, wide });
    return wide;
  });
  return { arrays: widened, pairs };
}
