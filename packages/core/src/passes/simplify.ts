import { namedInputs } from '../graph/op.js';
import { withInputs } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import { sameShape } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import type { Pass } from './pass.js';
import { rewriteDeep } from './rewrite-deep.js';

/** Replaces applications by cheaper equals where their op knows one: `x + 0`, `x * 1`, transposes that cancel. */
export const simplify: Pass = { name: 'simplify', run: simplifyGraph };

function simplifyGraph(roots: readonly Tensor[]): Tensor[] {
  return rewriteDeep(
    roots,
    (node, inputs, controls, attrs) => [...simplified(withInputs(node, inputs, controls, attrs))],
    simplifyGraph,
  );
}

const mostRounds = 8;

/** The outputs of a node, simplified until nothing changes any more. */
function simplified(node: Node): readonly Tensor[] {
  let outputs = node.outputs;
  for (let round = 0; round < mostRounds && outputs.length === 1; round++) {
    const [before] = outputs as [Tensor];
    const { op, inputs, attrs, device, path, controls, region } = before.node;
    const rule = op.definition.simplify;
    // What has an order of its own must keep its place.
    if (!rule || controls.length > 0) break;
    const after = withScope({ device, path, controls: [], region }, () =>
      rule(namedInputs(op, inputs) as never, attrs as never),
    );
    if (!after || after === before) break;
    if (after.dtype !== before.dtype || !sameShape(after.shape, before.shape)) break;
    outputs = [after];
    if (after.node.outputs.length > 1) break;
  }
  return outputs;
}
