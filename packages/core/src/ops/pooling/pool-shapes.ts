import { z } from 'zod';
import { GraphError } from '../../errors.js';
import type { Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import type { PoolGeometry } from '../../lower/template.js';
import type { Cut } from '../../sharding/cut.js';
import { slideAttrs, slidSizes, triple, windowGeometry } from '../window-geometry.js';

export const poolAttrs = z.strictObject({ window: triple, ...slideAttrs });

export const averageAttrs = poolAttrs.extend({
  /** Divide by the size of the window also where it reaches over the edge. */
  countPadding: z.boolean().default(false),
});

export type PoolAttrs = z.output<typeof poolAttrs>;

/** The shape of a pooled tensor [n, ...size, c]. Errors: SHAPE_MISMATCH. */
export function pooledShape(x: Tensor, attrs: PoolAttrs, where: string): Shape {
  if (x.rank !== 5) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: `x has ${x.rank} axes; it must have 5.`,
      given: { x },
    });
  }
  const positions = slidSizes(x.shape.slice(1, 4), attrs.window, { slide: attrs, where });
  return [x.shape[0] ?? null, ...positions, x.shape[4] ?? null];
}

/** The sizes of pooling from the shapes of its input and output. */
export const poolGeometry = (
  x: readonly number[],
  y: readonly number[],
  attrs: PoolAttrs,
): PoolGeometry => ({
  ...windowGeometry(x, y, { window: attrs.window, slide: attrs }),
  channels: x[4] as number,
});

/** Every image and every channel is pooled by itself: the cuts for that many inputs. */
export const poolCuts = (inputs: number): readonly Cut[] =>
  [4, 0].map((axis) => ({ inputs: new Array<number>(inputs).fill(axis), output: axis }));
