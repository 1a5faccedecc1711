import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { cast } from '../casting/cast.js';
import { countable } from '../reduction/reduce.js';
import { contracted, indexed, summed, withIndices } from './contraction.js';
import { type Equation, readEquation } from './equation.js';

const attrs = z.strictObject({ equation: z.string() });

/** The size of every index; `null` while unknown, 1 broadcasts where an ellipsis stands for the axis. */
function indexSizes(operands: readonly Tensor[], equation: Equation): Map<string, number | null> {
  const sizes = new Map<string, number | null>();
  equation.operands.forEach((indices, i) => {
    const operand = operands[i] as Tensor;
    indices.forEach((index, axis) => {
      const size = operand.shape[axis] as number | null;
      const seen = sizes.get(index);
      const hidden = index >= '0' && index <= '9';
      const open = seen === undefined || seen === null || (hidden && seen === 1);
      if (open) sizes.set(index, size ?? seen ?? null);
      else if (size !== null && size !== seen && !(hidden && size === 1)) {
        throw new GraphError('SHAPE_MISMATCH', 'einsum', {
          what: `index ${hidden ? 'of the ellipsis' : index} has sizes ${seen} and ${size}.`,
          given: { operands },
          fix: 'axes of one letter must have one size.',
        });
      }
    });
  });
  return sizes;
}

// Sums of bool count, as in `sum`.
const dtypeOf = (operands: readonly Tensor[]) => operands.map(countable).reduce(promote);

/**
 * Sums of products by Einstein's convention, `y[result] = sum over all other indices of prod_k operand_k[indices_k]`.
 * The equation names the axes of each operand and, after `->`, those of the result; a letter twice in one operand takes its
 * diagonal, `...` stands for axes that broadcast. Without an arrow the result has the letters that occur once, sorted.
 * Operands are multiplied from the first to the last. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH.
 */
export const einsum: Op<readonly ['...operands'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'einsum',
  inputs: ['...operands'],
  attrs,
  infer({ operands }, { equation }) {
    const read = readEquation(equation, operands);
    const sizes = indexSizes(operands, read);
    return {
      dtype: dtypeOf(operands),
      shape: read.result.map((index) => sizes.get(index) as number | null),
    };
  },
  grad: 'expand',
  expand({ operands }, { equation }) {
    const dtype = dtypeOf(operands);
    const read = readEquation(equation, operands);
    const sizes = indexSizes(operands, read) as Map<string, number>;
    const terms = operands.map((operand, i) =>
      indexed(cast(operand, { dtype }), read.operands[i] as string[], sizes),
    );
    const later = (i: number) =>
      new Set([...read.result, ...terms.slice(i + 1).flatMap(({ indices }) => indices)]);
    const product = terms.reduce((left, right, i) =>
      i === 0 ? left : contracted(left, right, later(i)),
    );
    return withIndices(summed(product, new Set(read.result)), read.result, sizes);
  },
});
