import { isFilledWith } from '../../graph/constant.js';
import { makeNode } from '../../graph/op.js';
import { sameShape } from '../../graph/shape.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import { isCopy } from './costly.js';
import { bodyOrder, type Carry, endsOf, type LoopForm } from './loop-form.js';
import { type RowsOf, totalOf } from './totals.js';

/** What is left of a state that is only added to, when parts of what is added are summed after the loop. */
export interface Accumulated {
  /** With the terms that stay; null where none do. */
  readonly rest: Carry | null;
  /** Sums over all turns. */
  readonly totals: readonly Tensor[];
}

/** How often each tensor of a body is used, its results included. */
export function usesIn(form: LoopForm): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor) => void uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const { inputs } of bodyOrder(endsOf(form))) inputs.forEach(count);
  endsOf(form).forEach(count);
  return uses;
}

/** Null for a state that is used otherwise than to be added to, or to which nothing is added that can be summed later. */
export function accumulated(
  { param, start, next }: Carry,
  uses: ReadonlyMap<Tensor, number>,
  rowsOf: RowsOf,
): Accumulated | null {
  const terms = termsOf(next, uses);
  if (uses.get(param) !== 1 || !terms.includes(param)) return null;
  const totals: Tensor[] = [];
  const staying: Tensor[] = [];
  for (const term of terms) {
    const total = term === param ? null : totalOf(term, rowsOf);
    if (total) totals.push(total);
    else if (term !== param) staying.push(term);
  }
  if (totals.length === 0) return null;
  if (staying.length === 0) return { rest: null, totals };
  const rest = staying.reduce((sum, term) => added(next.node, sum, term), param);
  return { rest: { param, start, next: rest }, totals };
}

/** The sum of two tensors, by the op of a node that adds. */
function added({ op, attrs, device, path, region }: Node, a: Tensor, b: Tensor): Tensor {
  const { outputs } = makeNode({ op, inputs: [a, b], attrs, controls: [], device, path, region });
  return outputs[0] as Tensor;
}

/** The terms of a sum that are used for nothing else. */
function termsOf(next: Tensor, uses: ReadonlyMap<Tensor, number>): Tensor[] {
  const terms: Tensor[] = [];
  const pending = [next];
  for (let term = pending.pop(); term; term = pending.pop()) {
    const { op, inputs, controls } = term.node;
    const { dtype, shape } = term;
    const whole = inputs.every((one) => one.dtype === dtype && sameShape(one.shape, shape));
    if (op.definition.adds && whole && controls.length === 0 && uses.get(term) === 1)
      pending.push(...[...inputs].reverse());
    else terms.push(term);
  }
  return terms;
}

/** What a state that is added to is in the end: its totals, and what it starts as or ends as without them. */
export function withTotals({ next }: Carry, base: Tensor, totals: readonly Tensor[]): Tensor {
  const terms = isZero(base) ? totals : [base, ...totals];
  return terms.reduce((sum, term) => added(next.node, sum, term));
}

const isZero = (tensor: Tensor): boolean =>
  isCopy(tensor.node) ? isZero(tensor.node.inputs[0] as Tensor) : isFilledWith(tensor, 0);
