import { applyAgain, type Node, type Tensor } from '@tenon/core';
import type { CallContext } from '../layer.js';
import { originOf } from './application.js';

/** Inputs and outputs of a part of a graph of layers. */
export interface Ends {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/**
 * Computes the outputs of a graph of layers for other inputs: every layer is called again with `context`, operations between
 * layers are applied again.
 */
export function replay(
  { inputs, outputs }: Ends,
  given: readonly Tensor[],
  context: CallContext,
): Tensor[] {
  const known = new Map(inputs.map((input, i) => [input, given[i] as Tensor]));
  const set = (old: readonly Tensor[], now: readonly Tensor[]) =>
    old.forEach((tensor, i) => {
      if (!known.has(tensor)) known.set(tensor, now[i] as Tensor);
    });
  for (const step of stepsOf({ inputs, outputs })) {
    const args = step.inputs.map((input) => known.get(input) as Tensor);
    if (step.kind === 'layer')
      set(step.application.outputs, step.application.layer.run(args, context));
    else
      set(step.node.outputs, args.length === 0 ? step.node.outputs : applyAgain(step.node, args));
  }
  return outputs.map((output) => known.get(output) as Tensor);
}

export type ReplayStep = {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
} & (
  | { readonly kind: 'layer'; readonly application: NonNullable<ReturnType<typeof originOf>> }
  | { readonly kind: 'operation'; readonly node: Node }
);

function stepFor(tensor: Tensor): ReplayStep {
  const application = originOf(tensor);
  if (application)
    return { kind: 'layer', application, inputs: application.inputs, outputs: application.outputs };
  return {
    kind: 'operation',
    node: tensor.node,
    inputs: tensor.node.inputs,
    outputs: tensor.node.outputs,
  };
}

/** The applications between inputs and outputs, each after what it needs. */
export function stepsOf({ inputs, outputs }: Ends): ReplayStep[] {
  const given = new Set(inputs);
  const entered = new Set<unknown>();
  const steps: ReplayStep[] = [];
  const stack: { step: ReplayStep; next: number }[] = [];
  const enter = (tensor: Tensor) => {
    if (given.has(tensor)) return;
    const step = stepFor(tensor);
    const identity = step.kind === 'layer' ? step.application : step.node;
    if (entered.has(identity)) return;
    entered.add(identity);
    stack.push({ step, next: 0 });
  };
  for (const output of outputs) {
    enter(output);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.step.inputs[top.next++];
      if (input) enter(input);
      else {
        steps.push(top.step);
        stack.pop();
      }
    }
  }
  return steps;
}
