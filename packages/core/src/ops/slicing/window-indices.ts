import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { stridesOf } from '../../graph/shape.js';
import { call, cast, literal, load, mapKernel } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { checkIndices } from '../indexing/check-indices.js';

const attrs = z.strictObject({ shape: z.array(z.int().min(0)), size: z.array(z.int().min(0)) });

const int = (value: number): Expression => literal(value, 'int32');

/**
 * Row-major numbers of the elements of a box of `size` within `shape`, which begins at `start`; a start from which the box
 * would not fit is moved to where it does. Shapes: start [rank or more] -> size.
 */
export const windowIndices: Op<readonly ['start'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'windowIndices',
  inputs: ['start'],
  integer: ['start'],
  attrs,
  infer({ start }, { size }) {
    checkIndices('windowIndices', { start });
    return { dtype: 'int32', shape: size };
  },
  grad: 'zero',
  lower({ inputs: { start }, output, attrs: { shape, size } }) {
    const steps = stridesOf(shape);
    const zeros = size.map(() => 0);
    const place = (axis: number, position: Expression): Expression => {
      const first = cast(load(0, start.dtype, { offset: axis, strides: zeros }), 'int32');
      const last = (shape[axis] as number) - (size[axis] as number);
      const inside = call('max', call('min', first, int(last)), int(0));
      return call('mul', call('add', inside, position), int(steps[axis] as number));
    };
    const value = (_: readonly Expression[], index: (axis: number) => Expression) =>
      size
        .map((_, axis) => place(axis, index(axis)))
        .reduce((sum, part) => call('add', sum, part), int(0));
    return mapKernel({ output, inputs: [start], views: [{ strides: zeros }], value });
  },
});
