import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { scatterSet } from '../scattering/scatter-rows.js';
import { checkIndices } from './check-indices.js';
import { filled } from './filled.js';
import { flatIndex } from './flat-index.js';

/**
 * The permutation that undoes another, `y[p[i]] = i`. Shapes: p [n] -> [n].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const invertPermutation: Op<readonly ['p']> = /* @__PURE__ */ defineOp({
  name: 'invertPermutation',
  inputs: ['p'],
  integer: ['p'],
  infer({ p }) {
    checkIndices('invertPermutation', { p });
    if (p.rank !== 1) {
      throw new GraphError('SHAPE_MISMATCH', 'invertPermutation', {
        what: 'a permutation has one axis.',
        given: { p },
      });
    }
    return { dtype: 'int32', shape: p.shape };
  },
  grad: null,
  expand({ p }) {
    const size = p.size;
    return scatterSet(
      filled(0, 'int32', [size]),
      p,
      flatIndex(p, { size, stride: 0, strides: [1] }),
    );
  },
});
