import { GraphError, reshape, type Shape, type Tensor } from '@tenon/core';

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Number of elements of one example, null while unknown. */
function exampleSize(shape: Shape): number | null {
  const sizes = shape.slice(1);
  return sizes.includes(null) ? null : product(sizes as number[]);
}

/**
 * Each example of x in another shape; one size of it may be -1, and is then worked out.
 * Shapes: x [batch, ...] -> [batch, ...target]. Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN.
 */
export function reshapeExamples(x: Tensor, target: readonly number[], where: string): Tensor {
  const size = exampleSize(x.shape);
  const refuse = (what: string, fix: string): never => {
    const code = size === null ? 'SHAPE_UNKNOWN' : 'SHAPE_MISMATCH';
    throw new GraphError(code, where, { what, given: { x }, fix });
  };
  const known = product(target.filter((n) => n !== -1));
  const open = target.includes(-1);
  const batch = x.shape[0] ?? null;
  if (size === null) {
    if (open && batch === null) {
      refuse('batch and another size are unknown.', 'give the input a shape with known sizes.');
    }
    return reshape(x, { shape: [batch ?? -1, ...target] });
  }
  if (open ? known === 0 || size % known !== 0 : size !== known) {
    refuse(
      `${size} elements do not fill [${target}].`,
      'keep the number of elements of an example.',
    );
  }
  const shape = target.map((n) => (n === -1 ? size / known : n));
  // An empty example says nothing about the batch, so that a batch of -1 could not be worked out.
  if (batch === null && size === 0) {
    refuse('the examples are empty.', 'give the input sizes of at least 1.');
  }
  return reshape(x, { shape: [batch ?? -1, ...shape] });
}
