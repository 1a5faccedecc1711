import { Func } from '../graph/func.js';
import { rewriteGraph } from '../graph/rewrite.js';
import type { Attrs, Node, Tensor } from '../graph/tensor.js';

/** Rewrites a graph and, innermost first, the functions that its nodes hold. */
export function rewriteDeep(
  roots: readonly Tensor[],
  rebuild: (
    node: Node,
    inputs: readonly Tensor[],
    controls: readonly Node[],
    attrs: Attrs,
  ) => readonly Tensor[],
  pass: (roots: readonly Tensor[]) => Tensor[],
): Tensor[] {
  return rewriteGraph(roots, (node, inputs, controls) => {
    let { attrs } = node;
    for (const [name, value] of Object.entries(node.attrs)) {
      if (!(value instanceof Func)) continue;
      const results = pass(value.results);
      const changed = results.some((result, i) => result !== value.results[i]);
      if (changed) attrs = { ...attrs, [name]: new Func(value.params, results) };
    }
    return rebuild(node, inputs, controls, attrs);
  }).results;
}
