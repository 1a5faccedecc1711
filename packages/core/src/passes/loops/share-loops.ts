import { rewriteGraph, topologicalOrder, withInputs } from '../../graph/rewrite.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import type { Pass } from '../pass.js';
import { rewriteDeep } from '../rewrite-deep.js';
import { likeness } from './likeness.js';
import { type Bound, isLoop, type LoopForm, loopForm, loopNode, rowParam } from './loop-form.js';
import { residuals } from './residuals.js';

/**
 * A loop that computes again what an earlier loop computed in the same row, as the gradient of a scan does, reads it from
 * rows that the earlier one hands out, where that is cheaper. `recompute` keeps a body from being shared.
 */
export const shareLoops: Pass = { name: 'shareLoops', run: share };

/** A value of a body that is read from rows that another loop hands out. */
interface Reading {
  readonly tensor: Tensor;
  readonly source: Node;
  /** Of the body of the source. */
  readonly value: Tensor;
}

function share(roots: readonly Tensor[]): Tensor[] {
  const deep = rewriteDeep(roots, (...parts) => withInputs(...parts).outputs, share);
  const loops = topologicalOrder(deep.map(({ node }) => node)).filter(isLoop);
  const forms = new Map(loops.map((node) => [node, loopForm(node)]));
  const readings = new Map(loops.map((node) => [node, readingsOf(node, forms)]));
  const all = [...readings.values()].flat();
  if (all.length === 0) return deep;
  const stacks = new Map(loops.map((node) => [node, stacked(forms.get(node) as LoopForm, all)]));
  const rebuilt = new Map<Node, Node>();
  return rewriteGraph(deep, (node, inputs, controls) => {
    const moved = withInputs(node, inputs, controls);
    const outputs = stacks.get(node);
    if (!outputs) return moved.outputs;
    const given = readings.get(node) as Reading[];
    const rows = given.map((reading) => rowsOf(reading, stacks, rebuilt));
    const form = loopForm(moved);
    const next = loopNode(
      { ...form, sequences: [...form.sequences, ...rows], outputs },
      new Map(given.map(({ tensor }, i) => [tensor, (rows[i] as Bound).param])),
    );
    rebuilt.set(node, next);
    return next.outputs.slice(0, node.outputs.length);
  }).results;
}

/** What a loop hands out when others read these of it; what it hands out anyway stays where it is. */
function stacked({ node, outputs }: LoopForm, readings: readonly Reading[]): readonly Tensor[] {
  const read = readings.filter(({ source }) => source === node).map(({ value }) => value);
  return [...outputs, ...new Set(read.filter((value) => !outputs.includes(value)))];
}

/** Earlier loops are asked first, so that a value goes straight from where it is made to all that read it. */
function readingsOf(node: Node, forms: ReadonlyMap<Node, LoopForm>): Reading[] {
  const form = forms.get(node) as LoopForm;
  const producers = new Set(form.sequences.map(({ value }) => value.node));
  const known = new Map<Tensor, Reading>();
  for (const [source, made] of forms) {
    if (source === node) break;
    if (!producers.has(source)) continue;
    for (const [tensor, value] of likeness(form, made))
      if (!known.has(tensor)) known.set(tensor, { tensor, source, value });
  }
  const free = [...known.values()].filter(({ source, value }) =>
    (forms.get(source) as LoopForm).outputs.includes(value),
  );
  const read = residuals(form, new Set(known.keys()), new Set(free.map(({ tensor }) => tensor)));
  return [...read].map((tensor) => known.get(tensor) as Reading);
}

function rowsOf(
  { source, value }: Reading,
  stacks: ReadonlyMap<Node, readonly Tensor[]>,
  rebuilt: ReadonlyMap<Node, Node>,
): Bound {
  const place = (stacks.get(source) as readonly Tensor[]).indexOf(value);
  const { node, carries } = loopForm(rebuilt.get(source) as Node);
  const stack = node.outputs[carries.length + place] as Tensor;
  return { param: rowParam(stack), value: stack };
}
