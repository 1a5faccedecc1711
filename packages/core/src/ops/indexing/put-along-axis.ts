import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { scatterAdd } from '../scattering/scatter-rows.js';
import { reshape } from '../shape/reshape.js';
import { alongAxisAttrs, checkAlongAxis, placesAlong } from './along-axis.js';
import { filled } from './filled.js';
import { takeAlongAxis } from './take-along-axis.js';

/**
 * Zeros in the shape of `like`, with each element of x added where `takeAlongAxis` with the same
 * indices takes it from.
 * Shapes: x and indices [...a, m, ...b], like [...a, n, ...b] -> that of like. Errors: as
 * takeAlongAxis.
 */
export const putAlongAxis: Op<readonly ['x', 'indices', 'like'], typeof alongAxisAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'putAlongAxis',
    inputs: ['x', 'indices', 'like'],
    integer: ['indices'],
    shapeOnly: ['like'],
    attrs: alongAxisAttrs,
    infer({ x, indices, like }, { axis }) {
      checkAlongAxis('putAlongAxis', { x: like, indices }, axis);
      return { dtype: x.dtype, shape: like.shape };
    },
    grad: ({ indices, dy }, attrs) => ({ x: takeAlongAxis(dy, indices, attrs), indices: null }),
    expand({ x, indices, like }, { axis }) {
      const shape = like.shape as KnownShape;
      const places = reshape(placesAlong(shape, indices, axis), { shape: [x.size] });
      const flat = scatterAdd(
        filled(0, x.dtype, [like.size]),
        places,
        reshape(x, { shape: [x.size] }),
      );
      return reshape(flat, { shape: [...shape] });
    },
  });
