import { constant } from '../../graph/constant.js';
import type { GradientContext } from '../../graph/op.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { gather } from '../indexing/gather.js';
import { broadcastLike } from '../shape/broadcast-like.js';
import { type ScatterMode, scatterAdd, scatterRows, scatterSet } from './scatter-rows.js';
import { scatterSetAdjoint } from './scatter-set-adjoint.js';

type Context = GradientContext<readonly ['base', 'indices', 'updates']>;
type Adjoint = (context: Context) => { base: Tensor; updates: Tensor };

/** 1 where the two are equal, else 0. */
const indicator = (a: Tensor, b: Tensor | number, like: Tensor): Tensor =>
  cast(equal(a, b), { dtype: like.dtype });

/** All that reach the extreme share its gradient evenly. */
function extreme({ base, indices, updates, y, dy }: Context): { base: Tensor; updates: Tensor } {
  const reachesBase = indicator(base, y, dy);
  const reaches = indicator(updates, gather(y, indices), dy);
  const share = div(dy, scatterAdd(reachesBase, indices, reaches));
  return { base: mul(share, reachesBase), updates: mul(gather(share, indices), reaches) };
}

/**
 * A factor's gradient is the product of all others. Zeros are counted and left out of the product,
 * so that nothing is divided by zero: a factor has a gradient only where no other factor is zero.
 */
function product({ base, indices, updates, dy }: Context): { base: Tensor; updates: Tensor } {
  const [zeroBase, zeros] = [indicator(base, 0, dy), indicator(updates, 0, dy)];
  const [wholeBase, whole] = [add(base, zeroBase), add(updates, zeros)];
  const products = mul(dy, scatterRows(wholeBase, indices, whole, { mode: 'prod' }));
  const count = scatterAdd(zeroBase, indices, zeros);
  return {
    base: mul(div(products, wholeBase), indicator(sub(count, zeroBase), 0, dy)),
    updates: mul(
      div(gather(products, indices), whole),
      indicator(sub(gather(count, indices), zeros), 0, dy),
    ),
  };
}

/** What flows back to base and updates, by the way in which they were combined. */
export const scatterGradients: Record<ScatterMode, Adjoint> = {
  add: ({ indices, dy }) => ({ base: dy, updates: gather(dy, indices) }),
  set: ({ indices, updates, dy }) => ({
    base: scatterSet(dy, indices, broadcastLike(constant(0, { dtype: dy.dtype }), updates)),
    updates: scatterSetAdjoint(dy, indices),
  }),
  max: extreme,
  min: extreme,
  prod: product,
};
