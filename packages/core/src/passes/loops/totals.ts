import { namedInputs } from '../../graph/op.js';
import { withScope } from '../../graph/scope.js';
import type { Tensor } from '../../graph/tensor.js';

/** All rows of a value of a body, stacked; null for what is the same at every turn. */
export type RowsOf = (tensor: Tensor) => Tensor | null;

/** The sum over all turns of a value that each turn makes, where its op knows a form that works on all rows at once. */
export function totalOf(term: Tensor, rows: RowsOf): Tensor | null {
  const { op, inputs, attrs, controls, device, path, region } = term.node;
  const rule = op.definition.totalOverTurns;
  if (!rule || controls.length > 0) return null;
  const turns = { rows, total: (tensor: Tensor) => totalOf(tensor, rows) };
  return withScope({ device, path, controls: [], region }, () =>
    rule(namedInputs(op, inputs) as never, attrs as never, turns),
  );
}
