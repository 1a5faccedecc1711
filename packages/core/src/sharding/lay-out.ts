import { rewriteGraph, withInputs } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import type { KnownShape } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { concat } from '../ops/shape/concat.js';
import { window } from '../ops/slicing/window.js';
import { assignOp } from '../ops/state/assign.js';
import type { Update } from '../passes/resolve-state.js';
import { type AxisRange, withSize } from './cut.js';
import type { PiecesOf } from './layout.js';

interface Resolved {
  readonly roots: readonly Tensor[];
  readonly updates: readonly Update[];
}

/**
 * Puts the pieces in the place of variables that lie in pieces: a read becomes the pieces joined, an update one of each piece.
 * Of a graph of known shapes, after its state was resolved; with no `layoutOf` there are none.
 */
export function layOut(
  { roots, updates }: Resolved,
  layoutOf: ((variable: Tensor) => PiecesOf | undefined) | undefined,
): { roots: readonly Tensor[]; updates: Update[] } {
  if (!layoutOf) return { roots, updates: updates.map(atHome) };
  const assigned = new Map<Tensor, readonly Update[]>();
  const all = [...roots, ...updates.map(({ value }) => value)];
  const { results } = rewriteGraph(all, (node, inputs, controls) => {
    const laid = node.op.role === 'variable' ? layoutOf(node.outputs[0] as Tensor) : undefined;
    if (laid) return [within(node, [], () => joined(laid.pieces, laid.axis))];
    const target = node.op.role === 'update' ? layoutOf(node.inputs[0] as Tensor) : undefined;
    if (!target) return withInputs(node, flattened(node, inputs, assigned), controls).outputs;
    const own = assignedPieces(node, target, { value: inputs[1] as Tensor, controls });
    const whole = within(node, [], () =>
      joined(
        own.map(({ value }) => value),
        target.axis,
      ),
    );
    assigned.set(whole, own);
    return [whole];
  });
  const values = results.slice(roots.length);
  return {
    roots: results.slice(0, roots.length),
    updates: updates.flatMap(({ variable }, i) => {
      const value = values[i] as Tensor;
      return assigned.get(value) ?? [atHome({ variable, value })];
    }),
  };
}

/** The value of a variable that is bound to a device as an update of it, so that passes see where it is wanted. */
const atHome = (update: Update): Update => {
  const { variable, value } = update;
  if (variable.node.device === undefined || value.node.op.role === 'update') return update;
  return { variable, value: within(value.node, [], () => assignOp(variable, value)) };
};

/** What is wanted for its effects only is wanted piece by piece. */
function flattened(
  { op }: Node,
  inputs: readonly Tensor[],
  assigned: ReadonlyMap<Tensor, readonly Update[]>,
): readonly Tensor[] {
  if (!op.definition.effectsOnly) return inputs;
  return inputs.flatMap((input) => assigned.get(input)?.map(({ value }) => value) ?? [input]);
}

function assignedPieces(
  node: Node,
  { pieces, ranges, axis }: PiecesOf,
  { value, controls }: { value: Tensor; controls: readonly Node[] },
): Update[] {
  const shape = value.shape as KnownShape;
  const part = (i: number): Tensor => {
    const { begin, size } = ranges[i] as AxisRange;
    return window(value, {
      begin: shape.map((_, a) => (a === axis ? begin : 0)),
      strides: shape.map(() => 1),
      size: withSize(shape, axis, size),
    });
  };
  return pieces.map((variable, i) => {
    const own = pieces.length === 1 ? value : within(node, [], () => part(i));
    return { variable, value: within(node, controls, () => assignOp(variable, own)) };
  });
}

const joined = (parts: readonly Tensor[], axis: number): Tensor =>
  parts.length === 1 ? (parts[0] as Tensor) : concat(parts, { axis });

const within = <T>({ device, path }: Node, controls: readonly Node[], build: () => T): T =>
  withScope({ device, path, controls, region: undefined }, build);
