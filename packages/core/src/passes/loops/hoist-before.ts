import { withInputs } from '../../graph/rewrite.js';
import { sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import type { Pass } from '../pass.js';
import { rewriteDeep } from '../rewrite-deep.js';
import { type AllTurns, isConstant, TurnValues } from './all-turns.js';
import {
  type Bound,
  bodyOrder,
  endsOf,
  isLoop,
  type LoopForm,
  loopForm,
  loopNode,
  rowParam,
  sameParam,
} from './loop-form.js';

/**
 * Computes before a loop what does not depend on its state: products of rows for all turns at once, and what is the same
 * at every turn, once. Cheap work on rows stays in the loop, where it is part of another kernel.
 */
export const hoistBefore: Pass = { name: 'hoistBefore', run: hoist };

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
  const { sequences, captures } = form;
  const ends = endsOf(form);
  const values = new TurnValues(form);
  const replaced = new Map<Tensor, Tensor>();
  const [rows, same]: [Bound[], Bound[]] = [[], []];
  const needed = new Set(ends);
  // Users before what they use: of what is moved, only the last is handed to the body.
  for (const tensor of valuesOf(ends, values).reverse()) {
    if (!needed.has(tensor)) continue;
    const value = worthMoving(tensor, values.of(tensor));
    if (!value) {
      for (const input of tensor.node.inputs) needed.add(input);
      continue;
    }
    const param = value.stacked ? rowParam(value.value) : sameParam(value.value);
    (value.stacked ? rows : same).push({ param, value: value.value });
    replaced.set(tensor, param);
  }
  if (replaced.size === 0) return form.node.outputs;
  return loopNode(
    { ...form, sequences: [...sequences, ...rows], captures: [...captures, ...same] },
    replaced,
  ).outputs;
}

/** The tensors of a body; each value is worked out after those that it is made of, so that no chain is too long. */
function valuesOf(ends: readonly Tensor[], values: TurnValues): Tensor[] {
  const tensors = bodyOrder(ends).flatMap(({ outputs }) => outputs);
  for (const tensor of tensors) values.of(tensor);
  return tensors;
}

function worthMoving(tensor: Tensor, value: AllTurns | null): AllTurns | null {
  const { node } = tensor;
  if (!value || node.op.role === 'input' || isConstant(tensor)) return null;
  if (value.stacked) return value.gains ? value : null;
  // What is larger than what it is made of costs less where it is.
  const given = node.inputs.filter((input) => !isConstant(input));
  const largest = Math.max(0, ...given.map(({ shape }) => sizeOf(shape)));
  return given.length > 0 && sizeOf(tensor.shape) <= largest ? value : null;
}
