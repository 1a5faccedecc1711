import { GraphError } from '../errors.js';
import { type HostTensor, hostTensor, type TensorData } from '../graph/host-tensor.js';
import { type KnownShape, shapesAgree, sizeOf } from '../graph/shape.js';
import { Tensor } from '../graph/tensor.js';

/** What is fed to a run: pairs of a tensor and its value. Any tensor can be fed; it is then not computed. */
export type Feeds = Iterable<readonly [Tensor, TensorData]>;

/** A feed as a host tensor that fits. Errors: FEED_INVALID. */
export function readFeed(tensor: Tensor, data: TensorData): HostTensor {
  const where = (tensor.node.attrs.name as string | undefined) ?? tensor.node.where;
  let value: HostTensor;
  try {
    value = hostTensor(data, { dtype: tensor.dtype, where, shape: shapeOfFlat(tensor, data) });
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new GraphError('FEED_INVALID', where, {
      what: cause.details.what,
      given: { placeholder: tensor },
      cause,
    });
  }
  if (!shapesAgree(tensor.shape, value.shape)) {
    throw new GraphError('FEED_INVALID', where, {
      what: 'the fed value does not fit.',
      given: { placeholder: tensor, fed: value },
      fix: 'feed a value of the shape of the placeholder; ? stands for any size.',
    });
  }
  return value;
}

// A flat typed array fills the placeholder's shape if that leaves one way to do so.
function shapeOfFlat({ shape }: Tensor, data: TensorData): KnownShape | undefined {
  const flat = ArrayBuffer.isView(data) && shape.length !== 1;
  if (!flat || shape.filter((size) => size === null).length > 1) return undefined;
  const known = sizeOf(shape.filter((size) => size !== null));
  const count = (data as unknown as ArrayLike<number>).length;
  if (known === 0 || count % known !== 0) return undefined;
  return shape.map((size) => size ?? count / known);
}

/** Checks the pairs and reads their values. Errors: FEED_INVALID. */
export function readFeeds(feeds: Feeds): Map<Tensor, HostTensor> {
  if (typeof feeds?.[Symbol.iterator] !== 'function')
    throw notPairs('feeds is not a list of pairs.');
  const values = new Map<Tensor, HostTensor>();
  for (const pair of feeds) {
    if (!Array.isArray(pair)) throw notPairs('one of them is not a pair.');
    const [tensor, data] = pair as readonly [Tensor, TensorData];
    checkFed(tensor, values);
    values.set(tensor, readFeed(tensor, data));
  }
  return values;
}

const notPairs = (what: string): GraphError =>
  new GraphError('FEED_INVALID', 'feeds', { what, fix: 'write feeds: [[x, data]].' });

function checkFed(tensor: Tensor, others: { has(other: Tensor): boolean }): void {
  if (!(tensor instanceof Tensor)) throw notPairs('what is fed is not a tensor.');
  if (!others.has(tensor)) return;
  throw new GraphError('FEED_INVALID', 'feeds', {
    what: 'one tensor is fed twice.',
    given: { tensor },
  });
}

/** Checks tensors that will be fed together. Errors: FEED_INVALID. */
export function checkFedList(tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) throw notPairs('the tensors to feed are not in a list.');
  tensors.forEach((tensor, i) => checkFed(tensor, new Set(tensors.slice(0, i))));
}
