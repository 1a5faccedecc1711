import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import type { KnownShape, Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastTo } from './broadcast-to.js';
import { reshape } from './reshape.js';

const attrs = z.strictObject({
  /** `xy`: the first axis of the result runs along the second vector, as in plots; `ij`: along the first, as in matrices. */
  indexing: z.enum(['xy', 'ij']).default('xy'),
});

/** Which axis of the grid a vector runs along. */
const axisFor = (i: number, count: number, indexing: 'xy' | 'ij'): number =>
  indexing === 'xy' && count > 1 && i < 2 ? 1 - i : i;

function gridShape(values: readonly Tensor[], indexing: 'xy' | 'ij'): Shape {
  const sizes: (number | null)[] = [];
  values.forEach((value, i) => {
    if (value.rank > 1) {
      throw new GraphError('SHAPE_MISMATCH', 'meshgrid', {
        what: `input ${i} has ${value.rank} axes.`,
        given: { values },
        fix: 'give vectors.',
      });
    }
    sizes[axisFor(i, values.length, indexing)] =
      value.rank === 0 ? 1 : (value.shape[0] as number | null);
  });
  return sizes;
}

/** The coordinates of a grid of points, one tensor for each vector: `y_k[i_0, i_1, ...] = values_k[i_k]`. Errors: SHAPE_MISMATCH. */
export const meshgrid: Op<readonly ['...values'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'meshgrid',
    inputs: ['...values'],
    attrs,
    infer({ values }, { indexing }) {
      const shape = gridShape(values, indexing);
      return values.map(({ dtype }) => ({ dtype, shape }));
    },
    grad: 'expand',
    expand({ values }, { indexing }) {
      const shape = gridShape(values, indexing) as KnownShape;
      return values.map((value, i) => {
        const own = axisFor(i, values.length, indexing);
        return broadcastTo(
          reshape(value, { shape: shape.map((size, axis) => (axis === own ? size : 1)) }),
          { shape: [...shape] },
        );
      });
    },
  });
