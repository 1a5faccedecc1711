import type { z } from 'zod';
import { GraphError } from '../../errors.js';
import type { Tensor } from '../../graph/tensor.js';
import { avgPool } from './avg-pool.js';
import { avgPool1d } from './avg-pool1d.js';
import { avgPool3d } from './avg-pool3d.js';
import type { PoolOp, poolOptions } from './define-pool.js';
import { maxPool } from './max-pool.js';
import { maxPool1d } from './max-pool1d.js';
import { maxPool3d } from './max-pool3d.js';

type Options = z.input<ReturnType<typeof poolOptions>>;

export interface AnyPoolOptions extends Omit<Options, 'filterSize'> {
  /** Size of the window, one number for each spatial axis. */
  readonly windowShape: readonly number[];
  readonly poolingType: 'max' | 'avg';
}

const ops: Record<AnyPoolOptions['poolingType'], readonly PoolOp[]> = {
  max: [maxPool1d, maxPool, maxPool3d],
  avg: [avgPool1d, avgPool, avgPool3d],
};

/** Pooling over as many spatial axes as the window has. Shapes: x [n, ...size, c] -> [n, ...positions, c]. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH. */
export function pool(
  x: Tensor,
  { windowShape, poolingType, strides = 1, ...options }: AnyPoolOptions,
): Tensor {
  const op = ops[poolingType]?.[windowShape.length - 1];
  if (!op) {
    throw new GraphError('ATTRIBUTE_INVALID', 'pool', {
      what: `there is no pooling '${poolingType}' over ${windowShape.length} axes.`,
      fix: "poolingType is 'max' or 'avg'; windowShape has 1 to 3 sizes.",
    });
  }
  return op(x, { filterSize: [...windowShape], strides, ...options });
}
