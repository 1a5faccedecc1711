import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, stridesOf } from '../../graph/shape.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { filled } from '../indexing/filled.js';
import { flatIndex } from '../indexing/flat-index.js';
import { gather } from '../indexing/gather.js';
import { reshape } from '../shape/reshape.js';
import { scatterSet } from './scatter-rows.js';

/**
 * What flows to the updates of `scatterSet`: the rows of dy, but zero for an update that a later
 * one replaced.
 * Shapes: dy [n, ...inner], indices [...i] -> [...i, ...inner].
 */
export const scatterSetAdjoint: Op<readonly ['dy', 'indices']> = /* @__PURE__ */ defineOp({
  name: 'scatterSetAdjoint',
  inputs: ['dy', 'indices'],
  integer: ['indices'],
  infer: ({ dy, indices }) => ({
    dtype: dy.dtype,
    shape: [...indices.shape, ...dy.shape.slice(1)],
  }),
  grad: 'expand',
  expand({ dy, indices }) {
    const rows = dy.shape[0] as number;
    const shape = indices.shape as KnownShape;
    const places = flatIndex(indices, { size: rows, stride: 0, strides: stridesOf(shape) });
    const last = scatterSet(filled(-1, 'int32', [rows]), indices, places);
    const stayed = cast(equal(gather(last, indices), places), { dtype: dy.dtype });
    return mul(
      gather(dy, indices),
      reshape(stayed, { shape: [...shape, ...dy.shape.slice(1).map(() => 1)] }),
    );
  },
});
