import type { OpInfo } from '../../graph/op.js';
import { withScope } from '../../graph/scope.js';
import type { KnownShape } from '../../graph/shape.js';
import { axesOf } from '../../graph/shape.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import { matMul } from '../../ops/linear/mat-mul.js';
import type { ReduceAttrs } from '../../ops/reduction/reduce.js';
import { sum } from '../../ops/reduction/sum.js';
import { reshape } from '../../ops/shape/reshape.js';
import { transpose } from '../../ops/shape/transpose.js';

/** All rows of a value of a body, stacked; null for what is the same at every turn. */
export type RowsOf = (tensor: Tensor) => Tensor | null;

/**
 * The sum over all turns of a value that each turn makes, by one contraction of stacked rows; null where it has no such
 * form, and adding turn by turn is as good.
 */
export function totalOf(term: Tensor, rowsOf: RowsOf): Tensor | null {
  const { node } = term;
  const rule = rules.get(node.op);
  if (!rule || node.controls.length > 0) return null;
  const { device, path, region } = node;
  return withScope({ device, path, controls: [], region }, () => rule(node, rowsOf));
}

type Rule = (node: Node, rowsOf: RowsOf) => Tensor | null;

const rules: ReadonlyMap<OpInfo, Rule> = new Map<OpInfo, Rule>([
  [matMul, productOverTurns],
  [sum, sumOverTurns],
  [
    reshape,
    ({ inputs: [x], attrs }, rowsOf) => {
      const total = totalOf(x as Tensor, rowsOf);
      return total && reshape(total, attrs as { shape: number[] });
    },
  ],
]);

/** `sum_t a_t b_t` is one product: the turns are a part of the axis that is summed over. */
function productOverTurns({ inputs, attrs }: Node, rowsOf: RowsOf): Tensor | null {
  const [a, b] = inputs as [Tensor, Tensor];
  if (a.rank !== 2 || b.rank !== 2) return null;
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  const [rowsA, rowsB] = [rowsOf(a), rowsOf(b)];
  if (!rowsA || !rowsB) return null;
  return matMul(joined(rowsA, transposeA), joined(rowsB, !transposeB), {
    transposeA,
    transposeB,
  });
}

/** The turns joined to the rows, or else to the columns, of the matrices. */
function joined(rows: Tensor, toRows: boolean): Tensor {
  const [turns, m, n] = rows.shape as [number, number, number];
  if (toRows) return reshape(rows, { shape: [turns * m, n] });
  return reshape(transpose(rows, { perm: [1, 0, 2] }), { shape: [m, turns * n] });
}

function sumOverTurns({ inputs: [x], outputs, attrs }: Node, rowsOf: RowsOf): Tensor | null {
  const given = x as Tensor;
  const rows = rowsOf(given);
  if (!rows) return null;
  const axes = axesOf((attrs as ReduceAttrs).axis, given.rank, 'sum').map((axis) => axis + 1);
  const shape = (outputs[0] as Tensor).shape as KnownShape;
  return reshape(sum(rows, { axis: [0, ...axes] }), { shape: [...shape] });
}
