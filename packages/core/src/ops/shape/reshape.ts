import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { isKnown, type KnownShape, type Shape, sameShape, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { type Cut, withSize } from '../../sharding/cut.js';
import { reshapeLike } from './reshape-like.js';

const attrs = z.strictObject({ shape: z.array(z.int()) });

function resolvedShape(x: Tensor, shape: readonly number[]): Shape {
  const refuse = (what: string): never => {
    throw new GraphError('SHAPE_MISMATCH', 'reshape', {
      what,
      given: { x },
      fix: 'the number of elements must stay the same.',
    });
  };
  if (shape.filter((size) => size === -1).length > 1) refuse(`[${shape}] has more than one -1.`);
  if (shape.some((size) => size < -1)) refuse(`[${shape}] has a negative size.`);
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  if (!isKnown(x.shape)) return shape.map((size) => (size === -1 ? null : size));
  const size = sizeOf(x.shape);
  if (!shape.includes(-1)) {
    if (known !== size) refuse(`${size} elements do not fill [${shape}].`);
    return shape;
  }
  if (known === 0 || size % known !== 0)
    refuse(`${size} elements can not be divided into [${shape}].`);
  return shape.map((given) => (given === -1 ? size / known : given));
}

// Axes that stay as they are: as many elements in front of them and the same size.
function keptAxes(from: KnownShape, to: KnownShape): [axis: number, output: number][] {
  return to.flatMap((size, output): [number, number][] => {
    const before = sizeOf(to.slice(0, output));
    const axis = from.findIndex(
      (extent, i) => extent === size && sizeOf(from.slice(0, i)) === before,
    );
    return size > 1 && axis >= 0 ? [[axis, output]] : [];
  });
}

/** The same elements in row-major order under another shape; one size may be -1, and is then worked out. Errors: SHAPE_MISMATCH. */
export const reshape: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'reshape',
  inputs: ['x'],
  attrs,
  infer: ({ x }, { shape }) => ({ dtype: x.dtype, shape: resolvedShape(x, shape) }),
  grad: ({ x, dy }) => ({ x: reshapeLike(dy, x) }),
  lower: () => ({ kind: 'alias', input: 0 }),
  simplify({ x }, { shape }) {
    if (x.node.op === reshape) return reshape(x.node.inputs[0] as Tensor, { shape });
    return sameShape(resolvedShape(x, shape), x.shape) ? x : null;
  },
  totalOverTurns({ x }, given, { total }) {
    const whole = total(x);
    return whole && reshape(whole, given);
  },
  overRows: ({ x }, { shape }) => reshape(x, { shape: [x.shape[0] as number, ...shape] }),
  cuts({ x }, given) {
    const shape = resolvedShape(x, given.shape) as KnownShape;
    return keptAxes(x.shape as KnownShape, shape).map(
      ([axis, output]): Cut => ({
        inputs: [axis],
        output,
        piece: ([part], { size }) =>
          reshape(part as Tensor, { shape: withSize(shape, output, size) }),
      }),
    );
  },
});
