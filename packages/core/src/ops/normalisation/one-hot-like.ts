import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { iota } from '../creation/iota.js';
import { expandDims } from '../shape/expand-dims.js';

/** Rows of 1 at the class of each label and 0 elsewhere, in the dtype and shape of `like`. Shapes: labels [...], like [..., classes] -> like. */
export const oneHotLike: Op<readonly ['labels', 'like']> = /* @__PURE__ */ defineOp({
  name: 'oneHotLike',
  inputs: ['labels', 'like'],
  shapeOnly: ['like'],
  infer: ({ like }) => ({ dtype: like.dtype, shape: like.shape }),
  grad: 'zero',
  expand({ labels, like }) {
    const classes = iota({ shape: [(like.shape as KnownShape).at(-1) as number], dtype: 'int32' });
    const hit = equal(expandDims(cast(labels, { dtype: 'int32' }), { axis: -1 }), classes);
    return cast(hit, { dtype: like.dtype });
  },
});
