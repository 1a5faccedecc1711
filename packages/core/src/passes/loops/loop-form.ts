import { Func } from '../../graph/func.js';
import { makeNode, namedInputs, type Repetition } from '../../graph/op.js';
import { param } from '../../graph/region.js';
import { rewriteGraph, topologicalOrder, withInputs } from '../../graph/rewrite.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import { hasEffects } from '../effects.js';

/** A parameter of a body and the tensor around the loop that it stands for: as it is, or row by row. */
export interface Bound {
  readonly param: Tensor;
  readonly value: Tensor;
}

export interface Carry {
  readonly param: Tensor;
  readonly start: Tensor;
  readonly next: Tensor;
}

/** A loop taken apart, so that its parts can be exchanged. */
export interface LoopForm {
  readonly node: Node;
  readonly length: number;
  readonly carries: readonly Carry[];
  readonly sequences: readonly Bound[];
  readonly captures: readonly Bound[];
  /** What each turn hands out, of the body. */
  readonly outputs: readonly Tensor[];
}

/** Whether a node is a loop that passes may change: it turns at least once, and all that it does are its results. */
export const isLoop = (node: Node): boolean =>
  (repetition(node)?.length ?? 0) > 0 && !hasEffects(node);

const repetition = ({ op, inputs, attrs }: Node): Repetition | undefined =>
  op.definition.repeats?.read(namedInputs(op, inputs) as never, attrs as never);

export function loopForm(node: Node): LoopForm {
  const given = repetition(node) as Repetition;
  const { params, results } = given.body;
  const [c, s] = [given.carries, given.carries + given.sequences];
  const bound = (from: number, to?: number) =>
    params
      .slice(from, to)
      .map((own, i) => ({ param: own, value: node.inputs[from + i] as Tensor }));
  return {
    node,
    length: given.length,
    carries: bound(0, c).map(({ param: own, value }, i) => ({
      param: own,
      start: value,
      next: results[i] as Tensor,
    })),
    sequences: bound(c, s),
    captures: bound(s),
    outputs: results.slice(c),
  };
}

/** The loop put together again, with tensors of the body replaced. */
export function loopNode(form: LoopForm, replacements?: ReadonlyMap<Tensor, Tensor>): Node {
  const { node, length, carries, sequences, captures } = form;
  const { device, path, region, controls, op } = node;
  const ends = endsOf(form);
  const results = replacements
    ? rewriteGraph(ends, (...parts) => withInputs(...parts).outputs, replacements).results
    : ends;
  const body = new Func(
    [...carries, ...sequences, ...captures].map((one) => one.param),
    results,
  );
  const changed = { body, carries: carries.length, sequences: sequences.length, length };
  const attrs = op.definition.repeats?.attrs(changed, node.attrs as never) ?? node.attrs;
  const inputs = [
    ...carries.map(({ start }) => start),
    ...[...sequences, ...captures].map(({ value }) => value),
  ];
  return makeNode({ op, inputs, attrs, controls, device, path, region });
}

/** A parameter for one row of a stacked tensor. */
export const rowParam = ({ dtype, shape }: Tensor): Tensor =>
  param({ dtype, shape: shape.slice(1) });

/** A parameter for what is the same at every turn. */
export const sameParam = ({ dtype, shape }: Tensor): Tensor => param({ dtype, shape });

/** The results of a body. */
export const endsOf = ({ carries, outputs }: LoopForm): Tensor[] => [
  ...carries.map(({ next }) => next),
  ...outputs,
];

/** The nodes of a body that the given tensors need, in an order in which they can run. */
export const bodyOrder = (tensors: readonly Tensor[]): Node[] =>
  topologicalOrder(tensors.map(({ node }) => node));
