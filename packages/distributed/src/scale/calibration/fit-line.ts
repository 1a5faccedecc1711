import { GraphError } from '@tenon/core';

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/**
 * The line `y = intercept + slope x` whose relative errors have the least sum of squares; neither number is negative.
 * Errors: VALUE_INVALID where the x are all the same.
 */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  let [s, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const weight = 1 / (y * y);
    s += weight;
    sx += weight * x;
    sxx += weight * x * x;
    sy += weight * y;
    sxy += weight * x * y;
  }
  const determinant = s * sxx - sx * sx;
  if (!(determinant > 1e-12 * s * sxx)) {
    throw new GraphError('VALUE_INVALID', 'fitLine', {
      what: `there is no one line through ${points.length} points at x = ${points[0]?.[0]}.`,
      fix: 'measure at two sizes at least.',
    });
  }
  const slope = (s * sxy - sx * sy) / determinant;
  const intercept = (sxx * sy - sx * sxy) / determinant;
  if (slope < 0) return { intercept: sy / s, slope: 0 };
  return intercept < 0 ? { intercept: 0, slope: sxy / sxx } : { intercept, slope };
}
