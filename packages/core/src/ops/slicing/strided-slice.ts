import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { reshape } from '../shape/reshape.js';
import { stridedSpec } from './strided-spec.js';
import { window } from './window.js';

const mask = z.int().min(0).default(0);

/** Entry i of begin, end and strides belongs to bit i of the masks. */
const stridedAttrs = z.strictObject({
  begin: z.array(z.int()),
  end: z.array(z.int()),
  /** 1 everywhere when left out. */
  strides: z.array(z.int()).optional(),
  /** Start at the first element of the way, whatever begin says. */
  beginMask: mask,
  /** Go on to the last one, whatever end says. */
  endMask: mask,
  /** Stands for all axes that are not named otherwise. */
  ellipsisMask: mask,
  /** Puts in an axis of size 1. */
  newAxisMask: mask,
  /** Takes the one element at begin and drops the axis. */
  shrinkAxisMask: mask,
});

/**
 * Elements `x[begin], x[begin + stride], ...` before `end`, axis by axis; negative begin and end count from the end of the
 * axis, both are cut to it. Errors: ATTRIBUTE_INVALID, INDEX_OUT_OF_RANGE.
 */
export const stridedSlice: Op<readonly ['x'], typeof stridedAttrs> = /* @__PURE__ */ defineOp({
  name: 'stridedSlice',
  inputs: ['x'],
  attrs: stridedAttrs,
  infer: ({ x }, attrs) => ({ dtype: x.dtype, shape: stridedSpec(x, attrs).shape }),
  grad: 'expand',
  expand({ x }, attrs) {
    const { begin, strides, size, shape } = stridedSpec(x, attrs);
    const taken = window(x, {
      begin: begin as number[],
      strides: [...strides],
      size: size as number[],
    });
    return reshape(taken, { shape: [...(shape as KnownShape)] });
  },
});
