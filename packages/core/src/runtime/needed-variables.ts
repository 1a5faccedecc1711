import { GraphError } from '../errors.js';
import { strayTensor } from '../graph/region.js';
import { topologicalOrder } from '../graph/rewrite.js';
import type { Tensor } from '../graph/tensor.js';
import { Variable } from '../graph/variable.js';

/** The variables that a run uses. Errors: FEED_MISSING, GRAPH_INVALID (a tensor of a body is used outside). */
export function neededVariables(
  tensors: readonly Tensor[],
  values: ReadonlyMap<Tensor, unknown>,
): Variable[] {
  const order = topologicalOrder(
    tensors.filter((tensor) => !values.has(tensor)).map(({ node }) => node),
    function* (node) {
      for (const [i, input] of node.inputs.entries()) {
        // A fed variable is still there to be set. One of which only the shape counts need not be there.
        const fed = values.has(input) && node.op.role !== 'update';
        if (!fed && !(input instanceof Variable && node.op.shapeOnly.has(i))) yield input.node;
      }
      for (const control of node.controls)
        if (!control.outputs.every((output) => values.has(output))) yield control;
    },
  );
  const missing = order.find(
    ({ op, outputs }) => op.role === 'input' && !values.has(outputs[0] as Tensor),
  );
  if (missing?.region) throw strayTensor(missing, 'a fetch');
  if (missing) {
    const name = missing.attrs.name ?? missing.where;
    throw new GraphError('FEED_MISSING', String(name), {
      what: 'the fetches depend on this placeholder, and it was not fed.',
      given: { placeholder: missing.outputs[0] as Tensor },
      fix: 'add it to the run: { feeds: [[placeholder, value]] }.',
    });
  }
  return order.flatMap(({ outputs: [output] }) => (output instanceof Variable ? [output] : []));
}
