import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { axisOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { abs } from '../arithmetic/abs.js';
import { flatten } from '../shape/flatten.js';
import { identity } from '../shape/identity.js';
import { euclideanNorm } from './euclidean-norm.js';
import { max } from './max.js';
import { min } from './min.js';
import { sum } from './sum.js';

export interface NormOptions {
  /** Of vectors: 1, 2, `euclidean`, Infinity, -Infinity. Of matrices: 1, `euclidean`, `fro`, Infinity, -Infinity. */
  readonly ord?: number | 'euclidean' | 'fro';
  /** One axis: vectors; two: matrices, rows first. All elements as one vector when left out. */
  readonly axis?: number | readonly number[];
  readonly keepDims?: boolean;
}

type Fold = (x: Tensor, attrs: { axis: number[]; keepDims: boolean }) => Tensor;

const vectorNorms: ReadonlyMap<unknown, Fold> = new Map<unknown, Fold>([
  ['euclidean', euclideanNorm],
  [2, euclideanNorm],
  [1, (x, attrs) => sum(abs(x), attrs)],
  [Number.POSITIVE_INFINITY, (x, attrs) => max(abs(x), attrs)],
  [Number.NEGATIVE_INFINITY, (x, attrs) => min(abs(x), attrs)],
]);

/** Absolute values summed along one of two axes, then folded along the other. */
const summedAlong =
  (which: 0 | 1, fold: typeof max): Fold =>
  (x, { axis, keepDims }) => {
    const sums = sum(abs(x), { axis: [axis[which] as number], keepDims: true });
    const folded = fold(sums, { axis: [axis[1 - which] as number], keepDims: true });
    return keepDims ? folded : sum(folded, { axis });
  };

const matrixNorms: ReadonlyMap<unknown, Fold> = new Map<unknown, Fold>([
  ['euclidean', euclideanNorm],
  ['fro', euclideanNorm],
  [1, summedAlong(0, max)],
  [Number.POSITIVE_INFINITY, summedAlong(1, max)],
  [Number.NEGATIVE_INFINITY, summedAlong(1, min)],
]);

const refuse = (x: Tensor, what: string, fix: string): never => {
  throw new GraphError('ATTRIBUTE_INVALID', 'norm', { what, given: { x }, fix });
};

/**
 * Norm of vectors or matrices. `euclidean` and `fro`: `sqrt(sum x^2)`; of a vector 1: `sum |x|`, Infinity: `max |x|`,
 * -Infinity: `min |x|`; of a matrix 1: the largest column sum of |x|, Infinity and -Infinity: the largest and the least row sum.
 * Errors: ATTRIBUTE_INVALID.
 */
export function norm(
  value: TensorLike,
  { ord = 'euclidean', axis, keepDims = false }: NormOptions = {},
): Tensor {
  const given = identity(value);
  const x = axis === undefined && given.rank !== 1 ? flatten(given) : given;
  const axes = (axis === undefined ? [0] : [axis].flat()).map((a) => axisOf(a, x.rank, 'norm'));
  if (axes.length !== 1 && axes.length !== 2)
    refuse(
      x,
      `a norm is over one or two axes, not ${axes.length}.`,
      'leave axis out for all elements.',
    );
  const norms = axes.length === 1 ? vectorNorms : matrixNorms;
  const fold = norms.get(ord);
  if (!fold)
    return refuse(
      x,
      `there is no norm ${ord} of ${axes.length === 1 ? 'vectors' : 'matrices'}.`,
      `use one of ${[...norms.keys()].join(', ')}.`,
    );
  return fold(x, { axis: axes, keepDims });
}
