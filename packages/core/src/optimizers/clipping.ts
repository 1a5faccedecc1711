import { isFloat } from '../graph/dtype.js';
import type { Tensor } from '../graph/tensor.js';
import { add } from '../ops/arithmetic/add.js';
import { div } from '../ops/arithmetic/div.js';
import { maximum } from '../ops/arithmetic/maximum.js';
import { minimum } from '../ops/arithmetic/minimum.js';
import { mul } from '../ops/arithmetic/mul.js';
import { sqrt } from '../ops/arithmetic/sqrt.js';
import { cast } from '../ops/casting/cast.js';
import { sum } from '../ops/reduction/sum.js';
import type { OptimizerConfig } from './config.js';

/** Gradients cut to size as the options ask: by element, by the norm of each, or by the norm of all. */
export function clippedGradients(
  gradients: readonly Tensor[],
  { clipValue, clipNorm, globalClipNorm }: OptimizerConfig,
): readonly Tensor[] {
  const floats = gradients.filter(({ dtype }) => isFloat(dtype));
  if (clipValue !== undefined)
    return gradients.map((g) => maximum(minimum(g, clipValue), -clipValue));
  if (clipNorm !== undefined) return gradients.map((g) => scaled(g, sqrt(squares(g)), clipNorm));
  if (globalClipNorm === undefined) return gradients;
  const norm = sqrt(floats.map(squares).reduce((total, part) => add(total, part)));
  return gradients.map((g) => scaled(g, norm, globalClipNorm));
}

const squares = (g: Tensor): Tensor => sum(mul(g, g));

/** g * limit / max(norm, limit): unchanged while the norm is within the limit, and no division by zero. */
const scaled = (g: Tensor, norm: Tensor, limit: number): Tensor =>
  mul(g, cast(div(limit, maximum(norm, limit)), { dtype: g.dtype }));
