import type { Tensor } from '../../graph/tensor.js';
import { type AllTurns, TurnValues } from './all-turns.js';
import { bodyOrder, type LoopForm } from './loop-form.js';
import type { Stacks } from './stacks.js';

/**
 * For outputs of a body that gain by being computed after the loop, for all turns at once: what they are there. Nothing is
 * moved that the state, or an output that stays, needs in the loop.
 */
export function movedOutputs(form: LoopForm, stacks: Stacks): ReadonlyMap<Tensor, Tensor> {
  const carried = form.carries.map(({ next }) => next);
  const summed = stacks.stacked;
  let moved = new Set(form.outputs);
  for (;;) {
    const staying = form.outputs.filter((output) => !moved.has(output));
    const kept = new Set(bodyOrder([...carried, ...summed, ...staying]));
    const rows = (tensor: Tensor): AllTurns | null => {
      const value = stacks.rowsOf(tensor);
      return value && { value, stacked: true, gains: false };
    };
    const values = new TurnValues(form, {
      given: (tensor) => (kept.has(tensor.node) ? rows(tensor) : null),
      otherwise: rows,
    });
    for (const node of bodyOrder([...moved])) for (const output of node.outputs) values.of(output);
    const found = [...moved].flatMap((output) => {
      const value = values.of(output);
      return value?.gains ? [[output, value.value] as const] : [];
    });
    if (found.length === moved.size) return new Map(found);
    moved = new Set(found.map(([output]) => output));
  }
}
