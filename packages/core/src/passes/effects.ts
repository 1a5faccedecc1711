import { Func } from '../graph/func.js';
import { allDependencies, topologicalOrder } from '../graph/rewrite.js';
import type { Node } from '../graph/tensor.js';

/** Whether a node itself does something that can be seen besides its outputs, be it inside a function that it holds. */
export function hasEffects({ op, attrs }: Node): boolean {
  if (op.role === 'host' || op.role === 'update') return true;
  return Object.values(attrs).some(
    (value) =>
      value instanceof Func &&
      topologicalOrder(value.results.map(({ node }) => node)).some(hasEffects),
  );
}

/** Of nodes in an order in which they can run, those that have effects or cannot run without ones that have. */
export function effectful(order: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  for (const node of order) {
    const inherits = [...allDependencies(node)].some((dependency) => found.has(dependency));
    if (inherits || hasEffects(node)) found.add(node);
  }
  return found;
}
