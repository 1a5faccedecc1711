import { GraphError } from '../errors.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { namedInputs } from '../graph/op.js';
import { sameShape } from '../graph/shape.js';
import type { Node } from '../graph/tensor.js';

/** Runs the host function of a node and checks what it gives. Errors: RUN_FAILED. */
export function runHostFunction(node: Node, inputs: readonly HostTensor[]): readonly HostTensor[] {
  const run = node.op.definition.run as NonNullable<typeof node.op.definition.run>;
  const result = run(namedInputs(node.op, inputs) as never, node.attrs as never);
  const results = Array.isArray(result) ? (result as HostTensor[]) : [result as HostTensor];
  node.outputs.forEach((output, i) => {
    const value = results[i] as HostTensor;
    if (value?.dtype === output.dtype && sameShape(value.shape, output.shape)) return;
    throw new GraphError('RUN_FAILED', node.where, {
      what: `the host function gave ${value ? `${value.dtype}[${value.shape}]` : 'nothing'} as output ${i}.`,
      given: { expected: output },
    });
  });
  return results.slice(0, node.outputs.length);
}
