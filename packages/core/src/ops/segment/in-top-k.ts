import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, shapesAgree } from '../../graph/shape.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { checkIndices } from '../indexing/check-indices.js';
import { any } from '../reduction/any.js';
import { reshape } from '../shape/reshape.js';
import { topK } from '../sorting/top-k.js';

const attrs = z.strictObject({ k: z.int().min(1).default(1) });

/**
 * Whether the target is among the k outcomes of highest prediction; of equal predictions the first
 * counts as higher.
 * Shapes: predictions [..., outcomes], targets [...] -> that of targets, bool. Errors:
 * SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const inTopK: Op<readonly ['predictions', 'targets'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name: 'inTopK',
    inputs: ['predictions', 'targets'],
    integer: ['targets'],
    attrs,
    infer(given, { k }) {
      const { predictions, targets } = given;
      checkIndices('inTopK', { targets });
      const outcomes = predictions.shape.at(-1);
      const fits =
        predictions.rank === targets.rank + 1 &&
        shapesAgree(predictions.shape.slice(0, -1), targets.shape);
      if (!fits || (typeof outcomes === 'number' && k > outcomes)) {
        throw new GraphError('SHAPE_MISMATCH', 'inTopK', {
          what: `there is not one target for each row of predictions, or a row has fewer than ${k}.`,
          given,
          fix: 'targets must have the shape of the predictions without the last axis.',
        });
      }
      return { dtype: 'bool', shape: targets.shape };
    },
    grad: null,
    expand({ predictions, targets }, { k }) {
      const [, indices] = topK(predictions, { k });
      const wanted = reshape(cast(targets, { dtype: 'int32' }), {
        shape: [...(targets.shape as KnownShape), 1],
      });
      return any(equal(indices as NonNullable<typeof indices>, wanted), { axis: -1 });
    },
  });
