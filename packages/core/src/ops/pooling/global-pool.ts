import type { Tensor } from '../../graph/tensor.js';
import { max } from '../reduction/max.js';
import { mean } from '../reduction/mean.js';

export interface GlobalPoolOptions {
  /** Where the channels are: after the spatial axes, or before them. */
  readonly channels?: 'last' | 'first';
  readonly keepDims?: boolean;
}

const spatialAxes = ({ rank }: Tensor, channels: 'last' | 'first' = 'last'): number[] =>
  Array.from({ length: Math.max(rank - 2, 0) }, (_, axis) => axis + (channels === 'last' ? 1 : 2));

/** Mean over all spatial axes, `y[n, c] = mean_p x[n, p, c]`. Shapes: x [n, ...size, c] -> [n, c]. */
export const globalAveragePool = (
  x: Tensor,
  { channels, keepDims = false }: GlobalPoolOptions = {},
): Tensor => mean(x, { axis: spatialAxes(x, channels), keepDims });

/** Maximum over all spatial axes, `y[n, c] = max_p x[n, p, c]`. Shapes: x [n, ...size, c] -> [n, c]. */
export const globalMaxPool = (
  x: Tensor,
  { channels, keepDims = false }: GlobalPoolOptions = {},
): Tensor => max(x, { axis: spatialAxes(x, channels), keepDims });
