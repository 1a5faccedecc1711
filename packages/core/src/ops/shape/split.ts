import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { concatFlows } from './concat-flows.js';
import { joinKernel } from './join-kernel.js';

// A number in a file must not stand for more outputs than fit in memory.
const maxParts = 65_536;

const attrs = z.strictObject({
  /** How many equal parts, or the size of each; one size may be -1, and is then worked out. */
  sizes: z.union([z.int().min(1).max(maxParts), z.array(z.int().min(-1))]),
  axis: z.int().default(0),
});

function partSizes(x: Tensor, { sizes, axis }: z.output<typeof attrs>): (number | null)[] {
  const size = x.shape[axisOf(axis, x.rank, 'split')] as number | null;
  const refuse = (what: string): never => {
    throw new GraphError('SHAPE_MISMATCH', 'split', {
      what,
      given: { x },
      fix: 'the parts must fill the axis exactly.',
    });
  };
  if (typeof sizes === 'number') {
    if (size !== null && size % sizes !== 0)
      refuse(`${size} elements of axis ${axis} can not be divided into ${sizes} equal parts.`);
    return Array.from({ length: sizes }, () => (size === null ? null : size / sizes));
  }
  const known = sizes.reduce((sum, part) => sum + Math.max(part, 0), 0);
  const open = sizes.filter((part) => part === -1).length;
  if (open > 1) refuse(`sizes [${sizes}] have more than one -1.`);
  if (size !== null && (open ? known > size : known !== size))
    refuse(`sizes [${sizes}] do not fill the ${size} elements of axis ${axis}.`);
  return sizes.map((part) => (part !== -1 ? part : size === null ? null : size - known));
}

/** Parts of x along an axis, the inverse of concat. Shapes: x any -> one for each part. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID. */
export const split: Op<readonly ['x'], typeof attrs, 'many'> = /* @__PURE__ */ defineMultiOp({
  name: 'split',
  inputs: ['x'],
  attrs,
  infer({ x }, given) {
    const at = axisOf(given.axis, x.rank, 'split');
    return partSizes(x, given).map((size) => ({
      dtype: x.dtype,
      shape: x.shape.map((extent, i) => (i === at ? size : extent)),
    }));
  },
  grad: ({ ys, dys }, { axis }) => ({ x: concatFlows(ys, dys, axis) }),
  lower: ({ inputs: { x }, outputs, attrs: { axis } }) =>
    joinKernel({
      whole: x,
      parts: outputs,
      axis: axisOf(axis, x.shape.length, 'split'),
      direction: 'split',
    }),
});
