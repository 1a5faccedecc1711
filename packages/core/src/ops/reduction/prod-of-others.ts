import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axesOf, type KnownShape, sizeOf } from '../../graph/shape.js';
import { mul } from '../arithmetic/mul.js';
import { cumprod } from '../cumulative/cumprod.js';
import { reshape } from '../shape/reshape.js';
import { transpose } from '../shape/transpose.js';

const attrs = z.strictObject({ axis: z.union([z.int(), z.array(z.int())]).optional() });

/**
 * For each element the product of all others along the axes, `y[i] = prod_{j != i} x[j]`. It divides by nothing, so that
 * zeros among the elements do no harm. Errors: ATTRIBUTE_INVALID.
 */
export const prodOfOthers: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'prodOfOthers',
  inputs: ['x'],
  attrs,
  infer({ x }, { axis }) {
    axesOf(axis, x.rank, 'prodOfOthers');
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: 'expand',
  expand({ x }, { axis }) {
    const axes = axesOf(axis, x.rank, 'prodOfOthers');
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const perm = [...kept, ...axes];
    const moved = transpose(x, { perm });
    const shape = moved.shape as KnownShape;
    const rows = sizeOf(shape.slice(0, kept.length));
    const flat = reshape(moved, { shape: [rows, sizeOf(shape.slice(kept.length))] });
    const before = cumprod(flat, { axis: 1, exclusive: true });
    const after = cumprod(flat, { axis: 1, exclusive: true, reverse: true });
    return transpose(reshape(mul(before, after), { shape: [...shape] }), {
      perm: perm.map((_, i) => perm.indexOf(i)),
    });
  },
});
