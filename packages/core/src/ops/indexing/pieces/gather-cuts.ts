import { constant } from '../../../graph/constant.js';
import type { KnownShape } from '../../../graph/shape.js';
import type { Tensor } from '../../../graph/tensor.js';
import type { Cut } from '../../../sharding/cut.js';
import { select } from '../../logical/select.js';
import { reshape } from '../../shape/reshape.js';
import { rangeIndices } from './range-indices.js';

type Gather = (x: Tensor, indices: Tensor, attrs: { axis: number }) => Tensor;

/**
 * The cuts of `gather` without batch axes. On the indexed axis each piece gives the slices that it holds and zeros for the others,
 * so that their sum is the result.
 */
export function gatherCuts(
  x: Tensor,
  indices: Tensor,
  { axis, gather }: { axis: number; gather: Gather },
): Cut[] {
  const total = x.shape[axis] as number;
  const outputAxis = (a: number) => (a < axis ? a : a + indices.rank - 1);
  const chosen = indices.shape.map((_, i): Cut => ({ inputs: [null, i], output: axis + i }));
  const kept = x.shape.flatMap((_, a): Cut[] =>
    a === axis ? [] : [{ inputs: [a, null], output: outputAxis(a) }],
  );
  const indexed: Cut = {
    inputs: [axis, null],
    output: null,
    piece([part, given], range) {
      const [own, all] = [part as Tensor, given as Tensor];
      const { inside, local } = rangeIndices(all, range, { total, where: 'gather' });
      const found = gather(own, local, { axis });
      const after = new Array<number>(own.rank - axis - 1).fill(1);
      const mask = reshape(inside, { shape: [...(all.shape as KnownShape), ...after] });
      return select(mask, found, constant(0, { dtype: found.dtype }));
    },
  };
  return [indexed, ...kept, ...chosen];
}
