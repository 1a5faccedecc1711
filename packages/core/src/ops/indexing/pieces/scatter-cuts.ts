import { constant } from '../../../graph/constant.js';
import type { KnownShape } from '../../../graph/shape.js';
import type { Tensor } from '../../../graph/tensor.js';
import type { Cut } from '../../../sharding/cut.js';
import { select } from '../../logical/select.js';
import type { ScatterMode } from '../../scattering/scatter-rows.js';
import { reshape } from '../../shape/reshape.js';
import { rangeIndices } from './range-indices.js';

type Scatter = (
  base: Tensor,
  indices: Tensor,
  updates: Tensor,
  attrs: { mode: ScatterMode },
) => Tensor;

/** The cuts of `scatterRows`: axes inside of a row, and where updates are added, the rows: each piece adds zeros for those of others. */
export function scatterCuts(
  base: Tensor,
  indices: Tensor,
  { mode, scatterRows }: { mode: ScatterMode; scatterRows: Scatter },
): Cut[] {
  const total = base.shape[0] as number;
  const inner = base.shape.slice(1).map(
    (_, i): Cut => ({
      inputs: [1 + i, null, indices.rank + i],
      output: 1 + i,
    }),
  );
  const rows: Cut = {
    inputs: [0, null, null],
    output: 0,
    piece([part, given, added], range) {
      const [own, all, updates] = [part, given, added] as [Tensor, Tensor, Tensor];
      const { inside, local } = rangeIndices(all, range, { total, where: 'scatter' });
      const ones = new Array<number>(own.rank - 1).fill(1);
      const mask = reshape(inside, { shape: [...(all.shape as KnownShape), ...ones] });
      const zero = constant(0, { dtype: updates.dtype });
      return scatterRows(own, local, select(mask, updates, zero), { mode });
    },
  };
  return mode === 'add' ? [rows, ...inner] : inner;
}
