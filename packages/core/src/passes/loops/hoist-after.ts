import { withInputs } from '../../graph/rewrite.js';
import type { Tensor } from '../../graph/tensor.js';
import type { Pass } from '../pass.js';
import { rewriteDeep } from '../rewrite-deep.js';
import { accumulated, usesIn, withTotals } from './accumulated.js';
import { type Carry, isLoop, type LoopForm, loopForm } from './loop-form.js';
import { movedOutputs } from './moved-outputs.js';
import { Stacks } from './stacks.js';

/**
 * Computes after a loop, for all turns at once, what no later turn needs: sums over turns of products and sums, and products
 * that are only handed out. The loop hands out the rows that they are made of. Sums are taken in another order.
 */
export const hoistAfter: Pass = { name: 'hoistAfter', run: hoist };

function hoist(roots: readonly Tensor[]): Tensor[] {
  return rewriteDeep(
    roots,
    (...parts) => {
      const node = withInputs(...parts);
      return isLoop(node) ? hoisted(loopForm(node)) : node.outputs;
    },
    hoist,
  );
}

function hoisted(form: LoopForm): readonly Tensor[] {
  const stacks = new Stacks(form);
  const { ends, carries } = finalStates(form, stacks);
  const moved = movedOutputs({ ...form, carries }, stacks);
  const outputs = form.outputs.map((output) => moved.get(output) ?? handedOut(output, stacks));
  const rows = new Set(stacks.stacked);
  const unchanged =
    moved.size === 0 &&
    carries.every((carry, i) => carry === form.carries[i]) &&
    carries.length === form.carries.length &&
    form.outputs.every((output) => rows.has(output)) &&
    new Set(form.outputs).size === form.outputs.length;
  return unchanged ? form.node.outputs : stacks.results([...ends, ...outputs]);
}

const handedOut = (output: Tensor, stacks: Stacks): Tensor =>
  stacks.rowsOf(output) ?? stacks.stack(output);

/** What each state is in the end, and the states that are still carried. */
function finalStates(form: LoopForm, stacks: Stacks): { ends: Tensor[]; carries: Carry[] } {
  const uses = usesIn(form);
  const carries: Carry[] = [];
  const ends = form.carries.map((carry) => {
    const sums = accumulated(carry, uses, (tensor) => stacks.rowsOf(tensor));
    const rest = sums ? sums.rest : carry;
    if (rest) carries.push(rest);
    const base = rest ? stacks.end(rest) : carry.start;
    return sums ? withTotals(carry, base, sums.totals) : base;
  });
  return { ends, carries };
}
