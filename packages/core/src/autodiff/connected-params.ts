import { isFloat } from '../graph/dtype.js';
import type { Func } from '../graph/func.js';
import { topologicalOrder } from '../graph/rewrite.js';
import type { Tensor } from '../graph/tensor.js';

/**
 * For each parameter of a function whether a gradient can flow to it from the chosen results: both are floats, and a path
 * of differentiable ops joins them. May say yes where the gradient turns out to be zero.
 */
export function connectedParams(func: Func, results: readonly Tensor[] = func.results): boolean[] {
  const sources = new Map<Tensor, ReadonlySet<Tensor>>(
    func.params.filter(({ dtype }) => isFloat(dtype)).map((own) => [own, new Set([own])]),
  );
  for (const { op, inputs, outputs } of topologicalOrder(results.map(({ node }) => node))) {
    if (op.differentiable === 'zero') continue;
    const reached = new Set<Tensor>();
    inputs.forEach((input, i) => {
      if (!op.shapeOnly.has(i)) for (const source of sources.get(input) ?? []) reached.add(source);
    });
    if (reached.size === 0) continue;
    for (const output of outputs) if (isFloat(output.dtype)) sources.set(output, reached);
  }
  const connected = new Set(results.flatMap((result) => [...(sources.get(result) ?? [])]));
  return func.params.map((own) => connected.has(own));
}
