import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Call, feed, run } from './kernel.js';
import { complexKernel } from './kernels/complex.js';
import { kernels } from './kernels/index.js';
import { onTexts } from './kernels/movement.js';

/** Kernels whose result is their input under another shape. */
const sharing: ReadonlySet<string> = new Set(['Identity', 'Reshape']);

/** Answers one kernel call: placeholders for the inputs, the kernel's graph, one run. */
export function answer(name: string, call: Call): TensorInfo | TensorInfo[] {
  const { backend } = call;
  const fed = feed(call);
  const own = kernels[name];
  const kernel = fed.complex.size > 0 ? complexKernel(name, own, fed.complex) : own;
  if (!kernel) throw new Error(`Tenon has no ${name} of real numbers.`);
  const outputs = kernel(fed.inputs, call.attrs as never, fed.context);
  const { used } = fed.codes;
  if (used && !(name in onTexts)) throw new Error(`Tenon has no ${name} of strings.`);
  return run(outputs, {
    backend,
    fed,
    texts: used ? (onTexts[name] ?? 0) : 0,
    shared: sharing.has(name) ? (call.inputs.x as TensorInfo) : undefined,
  });
}
