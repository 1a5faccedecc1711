import { Func } from '../../graph/func.js';
import { makeNode } from '../../graph/op.js';
import { param } from '../../graph/region.js';
import { rewriteGraph, topologicalOrder, withInputs } from '../../graph/rewrite.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import { type ScanAttrs, scanLength } from '../../ops/control/scan-attrs.js';
import { scanOp } from '../../ops/control/scan-op.js';
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

/** A scan taken apart, so that its parts can be exchanged. */
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
  node.op === scanOp &&
  !hasEffects(node) &&
  (scanLength(node.inputs, node.attrs as ScanAttrs) as number) > 0;

export function loopForm(node: Node): LoopForm {
  const given = node.attrs as ScanAttrs;
  const { params, results } = given.body;
  const [c, s] = [given.carries, given.carries + given.sequences];
  const bound = (from: number, to?: number) =>
    params
      .slice(from, to)
      .map((own, i) => ({ param: own, value: node.inputs[from + i] as Tensor }));
  return {
    node,
    length: scanLength(node.inputs, given) as number,
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
  const { reverse } = node.attrs as ScanAttrs;
  const attrs = {
    body: new Func(
      [...carries, ...sequences, ...captures].map((one) => one.param),
      results,
    ),
    carries: carries.length,
    sequences: sequences.length,
    length,
    reverse,
    history: false,
  };
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
