import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape, Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { cropLike } from './crop-like.js';
import { checkPlaces } from './strided-view.js';
import { window } from './window.js';

const each = z.union([z.int(), z.array(z.int())]);
const attrs = z.strictObject({
  /** First element on each axis; 0 on axes that are not named. */
  begin: each,
  /** Elements on each axis; -1, and axes that are not named: all that are left. */
  size: each.optional(),
});

const listed = (value: number | readonly number[] | undefined): readonly number[] =>
  value === undefined ? [] : typeof value === 'number' ? [value] : value;

function resolved(
  x: Tensor,
  given: z.output<typeof attrs>,
): { begin: number[]; strides: number[]; size: Shape } {
  const [first, count] = [listed(given.begin), listed(given.size)];
  if (
    first.length > x.rank ||
    count.length > x.rank ||
    first.some((at) => at < 0) ||
    count.some((n) => n < -1)
  ) {
    throw new GraphError('ATTRIBUTE_INVALID', 'slice', {
      what: `begin [${first}] with size [${count}] does not fit a tensor of ${x.rank} axes.`,
      given: { x },
      fix: 'give at most one begin of at least 0 and one size, or -1, for every axis.',
    });
  }
  const begin = x.shape.map((_, axis) => first[axis] ?? 0);
  const size = x.shape.map((extent, axis) => {
    const n = count[axis] ?? -1;
    if (n !== -1) return n;
    return extent === null ? null : extent - (begin[axis] as number);
  });
  return { begin, strides: begin.map(() => 1), size };
}

/** A box of x, `y[i] = x[begin + i]`. Shapes: x any -> size. Errors: ATTRIBUTE_INVALID, INDEX_OUT_OF_RANGE. */
export const slice: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'slice',
  inputs: ['x'],
  attrs,
  infer({ x }, given) {
    const places = resolved(x, given);
    checkPlaces(x, places, 'slice');
    return { dtype: x.dtype, shape: places.size };
  },
  grad: ({ x, dy }, given) => ({
    x: cropLike(dy, x, { begin: resolved(x, given).begin.map((at) => -at) }),
  }),
  expand({ x }, given) {
    const { begin, strides, size } = resolved(x, given);
    return window(x, { begin, strides, size: [...(size as KnownShape)] });
  },
});
