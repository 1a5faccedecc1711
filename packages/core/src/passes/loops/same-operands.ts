import { namedInputs } from '../../graph/op.js';
import { rewriteGraph, withInputs } from '../../graph/rewrite.js';
import { withScope } from '../../graph/scope.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import type { Pass } from '../pass.js';
import { rewriteDeep } from '../rewrite-deep.js';
import { isMovable, TurnValues } from './all-turns.js';
import { endsOf, isLoop, type LoopForm, loopForm, loopNode } from './loop-form.js';

/** Gives operands that are the same at every turn of a loop the layout that its body reads best; `hoistBefore` then moves that out. */
export const sameOperands: Pass = { name: 'sameOperands', run };

function run(roots: readonly Tensor[]): Tensor[] {
  return rewriteDeep(
    roots,
    (...parts) => {
      const node = withInputs(...parts);
      return isLoop(node) ? loopNode(rewritten(loopForm(node))).outputs : node.outputs;
    },
    run,
  );
}

function rewritten(form: LoopForm): LoopForm {
  const values = new TurnValues(form);
  const ends = endsOf(form);
  const { results } = rewriteGraph(ends, (node, inputs, controls) => {
    const same = node.inputs.map((input) => values.of(input)?.stacked === false);
    const after = same.includes(true) && isMovable(node) ? inTurns(node, inputs, same) : null;
    return after ? [after] : withInputs(node, inputs, controls).outputs;
  });
  if (results.every((result, i) => result === ends[i])) return form;
  const { carries } = form;
  return {
    ...form,
    carries: carries.map((carry, i) => ({ ...carry, next: results[i] as Tensor })),
    outputs: results.slice(carries.length),
  };
}

function inTurns(
  { op, attrs, device, path, region }: Node,
  inputs: readonly Tensor[],
  same: readonly boolean[],
): Tensor | null {
  const rule = op.definition.inTurns;
  if (!rule) return null;
  return withScope({ device, path, controls: [], region }, () =>
    rule(namedInputs(op, inputs) as never, attrs as never, namedInputs(op, same) as never),
  );
}
