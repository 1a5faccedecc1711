import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import {
  axisSize,
  broadcastShapes,
  type KnownShape,
  sameShape,
  sizeOf,
  sizesAgree,
} from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import type { Cut } from '../../sharding/cut.js';
import { cast } from '../casting/cast.js';
import { broadcastTo } from '../shape/broadcast-to.js';
import { reshape } from '../shape/reshape.js';
import { transpose } from '../shape/transpose.js';

const attrs = z.strictObject({
  transposeA: z.boolean().default(false),
  transposeB: z.boolean().default(false),
});

/** Sizes of the last two axes as the product sees them. */
function matrix(x: Tensor, transposed: boolean): [rows: number | null, columns: number | null] {
  const [rows, columns] = [axisSize(x, -2), axisSize(x, -1)];
  return transposed ? [columns, rows] : [rows, columns];
}

const batchOf = ({ dtype, shape }: TensorSpec): TensorSpec => ({
  dtype,
  shape: shape.slice(0, -2),
});

// The template multiplies batches of one size, or one matrix with a whole batch; anything else is broadcast first.
function evenBatches(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes({ a: batchOf(a), b: batchOf(b) }, 'matMul') as KnownShape;
  const fit = (x: Tensor): Tensor =>
    x.rank === 2 || sameShape(batchOf(x).shape, batch)
      ? x
      : broadcastTo(x, { shape: [...batch, ...(x.shape.slice(-2) as KnownShape)] });
  return [fit(a), fit(b)];
}

// One matrix for a whole batch gets its gradient by one product over all rows, not by one for each element of the batch.
function asRows(x: Tensor): Tensor {
  const columns = axisSize(x, -1);
  return x.rank > 2 && columns ? reshape(x, { shape: [-1, columns] }) : x;
}

/** The columns of all matrices side by side. Shapes: x [turns, m, n] -> [m, turns * n]. */
function asColumns(x: Tensor): Tensor {
  const [turns, m, n] = x.shape as [number, number, number];
  return reshape(transpose(x, { perm: [1, 0, 2] }), { shape: [m, turns * n] });
}

/** Rows, columns, the axis that is summed over, and the batch. Shapes: a and b as the template takes them. */
function matrixCuts(
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB }: z.output<typeof attrs>,
): Cut[] {
  const rank = Math.max(a.rank, b.rank);
  const [m, k] = transposeA ? [a.rank - 1, a.rank - 2] : [a.rank - 2, a.rank - 1];
  const [rows, n] = transposeB ? [b.rank - 1, b.rank - 2] : [b.rank - 2, b.rank - 1];
  const batch = Array.from(
    { length: rank - 2 },
    (_, axis): Cut => ({
      inputs: [a.rank > 2 ? axis : null, b.rank > 2 ? axis : null],
      output: axis,
    }),
  );
  return [
    { inputs: [null, n], output: rank - 1 },
    { inputs: [k, rows], output: null },
    { inputs: [m, null], output: rank - 2 },
    ...batch,
  ];
}

/**
 * Matrix product of the last two axes, `y[i, j] = sum_p a[i, p] b[p, j]`; the axes before are a batch and broadcast.
 * Shapes: a [..., m, k], b [..., k, n] -> [..., m, n]. Errors: SHAPE_MISMATCH.
 */
export const matMul: Op<readonly ['a', 'b'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'matMul',
  inputs: ['a', 'b'],
  attrs,
  broadcasts: true,
  infer({ a, b }, { transposeA, transposeB }) {
    if (a.rank < 2 || b.rank < 2) {
      throw new GraphError('SHAPE_MISMATCH', 'matMul', {
        what: 'both operands must have at least 2 axes.',
        given: { a, b },
        fix: 'use dot for vectors, or expandDims.',
      });
    }
    const [m, k] = matrix(a, transposeA);
    const [rows, n] = matrix(b, transposeB);
    if (!sizesAgree(k, rows)) {
      throw new GraphError('SHAPE_MISMATCH', 'matMul', {
        what: `inner sizes differ: a has ${k} columns, b has ${rows} rows.`,
        given: { a, b },
        fix: 'transpose one operand so that the last axis of a equals the second-last of b.',
      });
    }
    const batch = broadcastShapes({ a: batchOf(a), b: batchOf(b) }, 'matMul');
    return { dtype: promote(a.dtype, b.dtype), shape: [...batch, m, n] };
  },
  // dA = dY B^T, dB = A^T dY (Giles 2008, "Collected matrix derivative results")
  grad({ a, b, dy }, { transposeA: ta, transposeB: tb }) {
    const da = ta
      ? matMul(b, dy, { transposeA: tb, transposeB: true })
      : matMul(dy, b, { transposeB: !tb });
    const [x, dx] = !ta && b.rank === 2 ? [asRows(a), asRows(dy)] : [a, dy];
    const db = tb
      ? matMul(dx, x, { transposeA: true, transposeB: ta })
      : matMul(x, dx, { transposeA: !ta });
    return { a: da, b: db };
  },
  expand({ a, b }, options) {
    const dtype = promote(a.dtype, b.dtype);
    const [evenA, evenB] = evenBatches(cast(a, { dtype }), cast(b, { dtype }));
    const even = (x: Tensor, y: Tensor) => x.dtype === y.dtype && sameShape(x.shape, y.shape);
    return even(evenA, a) && even(evenB, b) ? null : matMul(evenA, evenB, options);
  },
  lower({ inputs: { a, b }, attrs: { transposeA, transposeB }, output }) {
    const [m, n] = output.shape.slice(-2) as [number, number];
    const k = (transposeA ? a.shape.at(-2) : a.shape.at(-1)) as number;
    const [batchedA, batchedB] = [a.shape.length > 2, b.shape.length > 2];
    const batch = sizeOf(output.shape.slice(0, -2));
    // The rows of a whole batch are the rows of one product where they meet one matrix.
    const oneMatrix = batchedA && !batchedB && !transposeA;
    return {
      kind: 'template',
      template: {
        kind: 'gemm',
        dtype: output.dtype,
        batch: oneMatrix ? 1 : batch,
        m: oneMatrix ? batch * m : m,
        k,
        n,
        transposeA,
        transposeB,
        batchedA: batchedA && !oneMatrix,
        batchedB,
      },
    };
  },
  cuts: ({ a, b }, given) => matrixCuts(a, b, given),
  overRows({ a, b }, given, stacked) {
    const [rowsA, rowsB] = [a.rank - Number(stacked.a), b.rank - Number(stacked.b)];
    // Batches must not have to be broadcast: one matrix for all rows, or two of the same rank for each.
    const fits = stacked.a && stacked.b ? rowsA === rowsB : (stacked.a ? rowsB : rowsA) === 2;
    return fits ? matMul(a, b, given) : null;
  },
  // Rows of b are read as they lie; columns would have to be brought together at every turn.
  inTurns({ a, b }, { transposeA, transposeB }, same) {
    if (!transposeB || !same.b || same.a || b.rank !== 2) return null;
    return matMul(a, transpose(b), { transposeA });
  },
  // The turns are a part of the axis that is summed over.
  totalOverTurns({ a, b }, { transposeA, transposeB }, { rows }) {
    if (a.rank !== 2 || b.rank !== 2) return null;
    const [rowsA, rowsB] = [rows(a), rows(b)];
    if (!rowsA || !rowsB) return null;
    return matMul(
      transposeA ? asRows(rowsA) : asColumns(rowsA),
      transposeB ? asColumns(rowsB) : asRows(rowsB),
      { transposeA, transposeB },
    );
  },
});
