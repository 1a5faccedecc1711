import { GraphError, type Tensor } from '@tenon/core';
import { type Ends, stepsOf } from './replay.js';

/** Refuses outputs that need an input which the model does not have. Errors: GRAPH_INVALID. */
export function checkConnected(where: string, ends: Ends): void {
  const given = new Set(ends.inputs);
  for (const step of stepsOf(ends)) {
    if (step.kind !== 'operation' || step.node.op.role !== 'input') continue;
    const [stranger] = step.outputs as [Tensor];
    if (given.has(stranger)) continue;
    throw new GraphError('GRAPH_INVALID', where, {
      what: `the outputs depend on the input ${String(step.node.attrs.name)}, which is not among the inputs of the model.`,
      given: { input: stranger },
      fix: 'add it to inputs.',
    });
  }
}
