import { allDependencies, topologicalOrder } from '../graph/rewrite.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { asVariable, type Variable } from '../graph/variable.js';

/** The expression of a node's first value, if it is a variable. */
export const initialOf = ({ outputs: [first] }: Node): Tensor | undefined =>
  asVariable(first as Tensor)?.initial;

/** Nodes that the tensors depend on, those of the first values of variables too; each after what it refers to. */
export const storedOrder = (tensors: readonly Tensor[]): Node[] =>
  topologicalOrder(
    tensors.map(({ node }) => node),
    function* (node) {
      yield* allDependencies(node);
      const initial = initialOf(node);
      if (initial) yield initial.node;
    },
  );

/** The placeholders and variables among what tensors depend on. */
export function reachable(tensors: readonly Tensor[]): {
  placeholders: Tensor[];
  variables: Variable[];
} {
  const order = storedOrder(tensors);
  return {
    placeholders: order
      .filter(({ op }) => op.role === 'input')
      .map(({ outputs }) => outputs[0] as Tensor),
    variables: order.flatMap(({ outputs: [first] }) => asVariable(first as Tensor) ?? []),
  };
}
