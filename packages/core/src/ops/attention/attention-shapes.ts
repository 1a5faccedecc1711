import { GraphError } from '../../errors.js';
import { isFloat, promote } from '../../graph/dtype.js';
import {
  axisSize,
  broadcastShapes,
  type KnownShape,
  type Shape,
  sameShape,
  sizeOf,
  sizesAgree,
  stridesOf,
} from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import type { KnownSpec } from '../../lower/lowering.js';
import type { AttentionGeometry } from '../../lower/template.js';
import { broadcastTo } from '../shape/broadcast-to.js';
import type { AttentionAttrs } from './attention-attrs.js';

export interface AttentionInputs<T> {
  readonly q: T;
  readonly k: T;
  readonly v: T;
  readonly masks: readonly T[];
}

const where = 'scaledDotProductAttention';

const batchOf = ({ dtype, shape }: TensorSpec): TensorSpec => ({
  dtype,
  shape: shape.slice(0, -2),
});

function checkInputs({ q, k, v, masks }: AttentionInputs<Tensor>): void {
  const wrong = (what: string, given: Record<string, TensorSpec>): never => {
    throw new GraphError('SHAPE_MISMATCH', where, { what, given });
  };
  if (Math.min(q.rank, k.rank, v.rank) < 2)
    wrong('queries, keys and values must have at least 2 axes.', { q, k, v });
  if (!sizesAgree(axisSize(q, -1), axisSize(k, -1)))
    wrong('queries and keys must have one size.', { q, k });
  if (!sizesAgree(axisSize(k, -2), axisSize(v, -2)))
    wrong('there must be as many values as keys.', { k, v });
  const [mask] = masks;
  if (!mask) return;
  if (mask.dtype !== 'bool' && !isFloat(mask.dtype)) {
    throw new GraphError('DTYPE_MISMATCH', where, {
      what: 'a mask is bool, or floats to be added to the scores.',
      given: { mask },
      fix: "cast(mask, { dtype: 'bool' })",
    });
  }
  const fits = [axisSize(q, -2), axisSize(k, -2)].every((size, axis) => {
    const own = mask.rank + axis < 2 ? 1 : (mask.shape[mask.rank - 2 + axis] ?? null);
    return own === 1 || sizesAgree(own, size);
  });
  if (!fits) wrong('a mask must broadcast to [..., queries, keys].', { q, k, mask });
}

/** dtypes and shapes of y, and of the largest score and the sum of exponentials of each query. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export function attentionSpecs(inputs: AttentionInputs<Tensor>): TensorSpec[] {
  checkInputs(inputs);
  const { q, k, v, masks } = inputs;
  const added = masks.filter(({ dtype }) => isFloat(dtype));
  const dtype = [k, v, ...added].reduce((all, one) => promote(all, one.dtype), q.dtype);
  const batch = batchShape(inputs);
  const queries = axisSize(q, -2);
  const rows = { dtype, shape: [...batch, queries, 1] };
  return [{ dtype, shape: [...batch, queries, axisSize(v, -1)] }, rows, rows];
}

const batchShape = ({ q, k, v, masks }: AttentionInputs<Tensor>): Shape =>
  broadcastShapes(
    { q: batchOf(q), k: batchOf(k), v: batchOf(v), ...(masks[0] && { mask: batchOf(masks[0]) }) },
    where,
  );

/**
 * Most bytes of scores that are held at once. Above them the kernels that pass over scores and weights wait for memory longer than
 * tiles take to be computed again; with a hidden future, of which tiles compute nothing, that begins early.
 */
const mostHeldBytes = { all: 2 ** 23, causal: 2 ** 17 };

/** Whether scores are computed tile by tile. Every shape must be known. */
export function isTiled(
  inputs: AttentionInputs<Tensor>,
  { scores, causal }: AttentionAttrs,
): boolean {
  const { q, k, v, masks } = inputs;
  const floats = [q, k, v, ...masks.filter(({ dtype }) => dtype !== 'bool')];
  if (scores === 'held' || floats.some(({ dtype }) => dtype !== 'float32')) return false;
  const batch = sizeOf(batchShape(inputs));
  const count = batch * (axisSize(q, -2) as number) * (axisSize(k, -2) as number);
  const filled = count > 0 && sizeOf(k.shape) > 0 && sizeOf(v.shape) > 0;
  return filled && (scores === 'tiled' || 4 * count > mostHeldBytes[causal ? 'causal' : 'all']);
}

/** The inputs with equal batches, as tiles want them; null where they are so already. Masks stay as they are. */
export function evenInputs(inputs: AttentionInputs<Tensor>): [Tensor, Tensor, Tensor] | null {
  const batch = batchShape(inputs) as KnownShape;
  const { q, k, v } = inputs;
  const fit = (x: Tensor): Tensor =>
    sameShape(batchOf(x).shape, batch)
      ? x
      : broadcastTo(x, { shape: [...batch, ...(x.shape.slice(-2) as KnownShape)] });
  const even: [Tensor, Tensor, Tensor] = [fit(q), fit(k), fit(v)];
  return even[0] === q && even[1] === k && even[2] === v ? null : even;
}

/** The sizes of tiled attention from inputs of equal batches. */
export function attentionGeometry(
  { q, v, masks }: AttentionInputs<KnownSpec>,
  { scale, causal }: AttentionAttrs,
): AttentionGeometry {
  const [queries, size] = q.shape.slice(-2) as [number, number];
  const [keys, values] = v.shape.slice(-2) as [number, number];
  const batch = q.shape.slice(0, -2);
  const [mask] = masks;
  const rank = batch.length + 2;
  return {
    ...{ batch, queries, keys, size, values, scale, causal },
    mask: mask ? { added: mask.dtype !== 'bool', strides: maskStrides(mask.shape, rank) } : null,
  };
}

/** Elements from one place to the next along each axis of the scores. */
function maskStrides(shape: readonly number[], rank: number): number[] {
  const missing = new Array<number>(rank - shape.length).fill(0);
  return [...missing, ...stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride))];
}
