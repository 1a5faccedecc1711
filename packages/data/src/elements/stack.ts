import { dtypes, GraphError, HostTensor } from '@tenon/core';
import { assemble, type Leaf, leavesOf, tensorAt } from './leaves.js';

/**
 * One element out of several of the same structure, each tensor stacked on a new first axis.
 * Shapes: n times [...] -> [n, ...].
 * Errors: SHAPE_MISMATCH (ragged shapes), DTYPE_MISMATCH (mixed dtypes), VALUE_INVALID (other structure, strings).
 */
export function stack<T>(elements: readonly T[], where: string): T {
  const [first] = elements;
  const leaves = elements.map(leavesOf);
  const paths = pathsOf(leaves[0] ?? []);
  for (const [index, list] of leaves.entries()) {
    if (pathsOf(list) === paths) continue;
    throw new GraphError('VALUE_INVALID', where, {
      what: `element ${index} holds [${pathsOf(list)}], the first one of the batch [${paths}].`,
      fix: 'give all elements the same keys and lengths, with map.',
    });
  }
  const stacked = (leaves[0] ?? []).map((_, i) =>
    stackLeaf(
      leaves.map((list) => list[i] as Leaf),
      where,
    ),
  );
  return assemble(first, stacked) as T;
}

const pathsOf = (leaves: readonly Leaf[]): string => leaves.map(({ path }) => path).join(', ');

function stackLeaf(leaves: readonly Leaf[], where: string): HostTensor {
  const tensors = leaves.map((leaf) => tensorAt(leaf, where));
  const first = tensors[0] as HostTensor;
  const data = new dtypes[first.dtype].host(tensors.length * first.size);
  tensors.forEach((tensor, i) => {
    checkAlike(first, tensor, { where, path: leaves[i]?.path || 'the element', index: i });
    (data as Float32Array).set(tensor.data as Float32Array, i * first.size);
  });
  return new HostTensor(data, [tensors.length, ...first.shape], first.dtype);
}

interface Place {
  readonly where: string;
  readonly path: string;
  readonly index: number;
}

function checkAlike(first: HostTensor, tensor: HostTensor, { where, path, index }: Place): void {
  const given = { first, [`element ${index}`]: tensor };
  if (tensor.dtype !== first.dtype) {
    throw new GraphError('DTYPE_MISMATCH', where, {
      what: `elements of one batch differ in dtype at ${path}.`,
      given,
      fix: 'convert them to one dtype with map.',
    });
  }
  if (`${tensor.shape}` !== `${first.shape}`) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: `elements of one batch differ in shape at ${path}.`,
      given,
      fix: 'bring them to one shape with map, or use batch(1).',
    });
  }
}
