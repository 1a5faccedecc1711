import { type KnownShape, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { sum } from '../reduction/sum.js';
import { broadcastTo } from '../shape/broadcast-to.js';
import { reshape } from '../shape/reshape.js';
import { transpose } from '../shape/transpose.js';
import { diagPart } from './diag-part.js';
import { matMul } from './mat-mul.js';

/** A tensor with a name for each axis, none twice. */
interface Indexed {
  readonly tensor: Tensor;
  readonly indices: readonly string[];
}

/** Names the axes of a tensor; a name that comes twice leaves the diagonal, an axis that broadcasts from size 1 no axis. */
export function indexed(
  tensor: Tensor,
  names: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Indexed {
  const spread = names.flatMap((name, axis) =>
    tensor.shape[axis] === 1 && sizes.get(name) !== 1 ? [axis] : [],
  );
  const shape = (tensor.shape as KnownShape).filter((_, axis) => !spread.includes(axis));
  let term: Indexed = {
    tensor: spread.length > 0 ? reshape(tensor, { shape }) : tensor,
    indices: names.filter((_, axis) => !spread.includes(axis)),
  };
  for (let pair = repeated(term.indices); pair; pair = repeated(term.indices))
    term = diagonal(term, pair);
  return term;
}

function repeated(indices: readonly string[]): [number, number] | undefined {
  const second = indices.findIndex((index, i) => indices.indexOf(index) < i);
  return second < 0 ? undefined : [indices.indexOf(indices[second] as string), second];
}

function diagonal({ tensor, indices }: Indexed, pair: readonly [number, number]): Indexed {
  const rest = indices.map((_, axis) => axis).filter((axis) => !pair.includes(axis));
  const moved = transpose(tensor, { perm: [...rest, ...pair] });
  return {
    tensor: diagPart(moved),
    indices: [...rest, pair[0]].map((axis) => indices[axis] as string),
  };
}

/** The sum over every axis that is not kept. */
export function summed({ tensor, indices }: Indexed, kept: ReadonlySet<string>): Indexed {
  const axis = indices.flatMap((index, i) => (kept.has(index) ? [] : [i]));
  if (axis.length === 0) return { tensor, indices };
  return { tensor: sum(tensor, { axis }), indices: indices.filter((index) => kept.has(index)) };
}

/** Axes in the order of these indices; those that the term lacks are repeated to their size. */
export function withIndices(
  term: Indexed,
  order: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Tensor {
  const present = order.filter((index) => term.indices.includes(index));
  const moved = transpose(term.tensor, {
    perm: present.map((index) => term.indices.indexOf(index)),
  });
  const shape = order.map((index) => sizes.get(index) as number);
  if (present.length === order.length) return moved;
  const thin = reshape(moved, {
    shape: order.map((index) => (present.includes(index) ? (sizes.get(index) as number) : 1)),
  });
  return broadcastTo(thin, { shape });
}

interface Matrix {
  readonly tensor: Tensor;
  readonly transposed: boolean;
}

interface Layout {
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** A term as a batch of matrices; transposed where its axes already lie in that order, since that copies nothing. */
function matrixOf({ tensor, indices }: Indexed, { batch, rows, columns }: Layout): Matrix {
  const flipped = [...batch, ...columns, ...rows];
  const transposed = rows.length > 0 && flipped.every((index, axis) => indices[axis] === index);
  const order = transposed ? flipped : [...batch, ...rows, ...columns];
  const size = (names: readonly string[]) =>
    sizeOf(names.map((index) => tensor.shape[indices.indexOf(index)] as number));
  const moved = transpose(tensor, { perm: order.map((index) => indices.indexOf(index)) });
  const [m, n] = transposed ? [columns, rows] : [rows, columns];
  const lead = batch.length > 0 ? [size(batch)] : [];
  return { tensor: reshape(moved, { shape: [...lead, size(m), size(n)] }), transposed };
}

/**
 * Product of two terms as one batched matrix product: indices that both have are the batch where `kept` and the inner
 * sum otherwise, the others are rows and columns. What only one term has and nobody needs is summed before.
 */
export function contracted(left: Indexed, right: Indexed, kept: ReadonlySet<string>): Indexed {
  const a = summed(left, new Set([...kept, ...right.indices]));
  const b = summed(right, new Set([...kept, ...left.indices]));
  const shared = a.indices.filter((index) => b.indices.includes(index));
  const batch = shared.filter((index) => kept.has(index));
  const inner = shared.filter((index) => !kept.has(index));
  const rows = a.indices.filter((index) => !shared.includes(index));
  const columns = b.indices.filter((index) => !shared.includes(index));
  const first = matrixOf(a, { batch, rows, columns: inner });
  const second = matrixOf(b, { batch, rows: inner, columns });
  const product = matMul(first.tensor, second.tensor, {
    transposeA: first.transposed,
    transposeB: second.transposed,
  });
  const size = (term: Indexed) => (index: string) =>
    term.tensor.shape[term.indices.indexOf(index)] as number;
  const shape = [...[...batch, ...rows].map(size(a)), ...columns.map(size(b))];
  return { tensor: reshape(product, { shape }), indices: [...batch, ...rows, ...columns] };
}
