import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { Tensor } from '../../graph/tensor.js';
import { concat } from '../shape/concat.js';
import { reverse } from '../shape/reverse.js';
import { paddedShape, paddings } from './pad.js';
import { slice } from './slice.js';

const attrs = z.strictObject({
  /** [before, after] for every axis. */
  paddings,
  /** `reflect` mirrors at the centre of the edge element, `symmetric` at its outer side, so that it appears twice. */
  mode: z.enum(['reflect', 'symmetric']),
});

type MirrorAttrs = z.output<typeof attrs>;

function checkRoom(x: Tensor, { paddings: pairs, mode }: MirrorAttrs): void {
  x.shape.forEach((size, axis) => {
    const most =
      size === null ? Number.POSITIVE_INFINITY : Math.max(mode === 'reflect' ? size - 1 : size, 0);
    const wanted = Math.max(...(pairs[axis] as [number, number]));
    if (wanted <= most) return;
    throw new GraphError('ATTRIBUTE_INVALID', 'mirrorPad', {
      what: `${wanted} elements of padding on axis ${axis} mirror more than its ${size} elements.`,
      given: { x },
      fix: `pad by at most ${most} in mode ${mode}.`,
    });
  });
}

/** The elements next to both ends of an axis, mirrored around it. */
function mirrored(x: Tensor, axis: number, { paddings: pairs, mode }: MirrorAttrs): Tensor {
  const [before, after] = pairs[axis] as [number, number];
  if (before === 0 && after === 0) return x;
  const edge = mode === 'reflect' ? 1 : 0;
  const part = (begin: number, count: number) => {
    const pick = (value: number, rest: number) =>
      x.shape.map((_, i) => (i === axis ? value : rest));
    return reverse(slice(x, { begin: pick(begin, 0), size: pick(count, -1) }), { axis });
  };
  return concat([part(edge, before), x, part((x.shape[axis] as number) - edge - after, after)], {
    axis,
  });
}

/** x with its own elements mirrored around it. Shapes: as pad. Errors: ATTRIBUTE_INVALID. */
export const mirrorPad: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'mirrorPad',
  inputs: ['x'],
  attrs,
  infer({ x }, given) {
    const shape = paddedShape(x, given.paddings, 'mirrorPad');
    checkRoom(x, given);
    return { dtype: x.dtype, shape };
  },
  grad: 'expand',
  expand: ({ x }, given) => x.shape.reduce<Tensor>((y, _, axis) => mirrored(y, axis, given), x),
});
