import { type Described, GraphError } from '../errors.js';

/** Sizes of the axes; `null` is a size that is unknown until the tensor is fed. The rank is always known. */
export type Shape = readonly (number | null)[];

/** A shape whose sizes are all known. */
export type KnownShape = readonly number[];

const maxRank = 16;
const maxElements = 2 ** 40;

/** Refuses what is not a shape: sizes are integers >= 0, rank <= 16, at most 2^40 elements. Errors: SHAPE_INVALID. */
export function checkedShape<S extends Shape>(shape: S, where: string): S {
  if (!Array.isArray(shape)) {
    throw new GraphError('SHAPE_INVALID', where, { what: `${shape} is not a list of sizes.` });
  }
  const refuse = (what: string): never => {
    throw new GraphError('SHAPE_INVALID', where, { what: `[${shape.join(', ')}] ${what}` });
  };
  if (shape.length > maxRank) refuse(`has ${shape.length} axes; at most ${maxRank} are possible.`);
  let elements = 1;
  for (const size of shape) {
    if (size === null) continue;
    if (!Number.isSafeInteger(size) || size < 0)
      refuse('has a size that is not an integer of at least 0.');
    if (size > 0) elements *= size;
  }
  if (elements > maxElements) refuse(`has more than 2^40 elements.`);
  return shape;
}

export const isKnown = (shape: Shape): shape is KnownShape => shape.every((size) => size !== null);

/** Number of elements. Errors: SHAPE_UNKNOWN. */
export function sizeOf(shape: Shape, where = 'sizeOf'): number {
  let product = 1;
  for (const size of shape) {
    if (size === null) {
      throw new GraphError('SHAPE_UNKNOWN', where, {
        what: `the size of [${printShape(shape)}] is not known yet.`,
      });
    }
    product *= size;
  }
  return product;
}

const printShape = (shape: Shape): string => shape.map((size) => size ?? '?').join(', ');

/** Strides of a row-major layout, in elements. */
export function stridesOf(shape: KnownShape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** An axis counted from the front; negative ones count from the end. Errors: ATTRIBUTE_INVALID. */
export function axisOf(axis: number, rank: number, where: string): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || counted < 0 || counted >= rank) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `axis ${axis} does not exist in a tensor of rank ${rank}.`,
      fix: rank === 0 ? 'a scalar has no axes.' : `use an axis from ${-rank} to ${rank - 1}.`,
    });
  }
  return counted;
}

/** Axes counted from the front, in rising order; `undefined` means all. Errors: ATTRIBUTE_INVALID for a repeated axis. */
export function axesOf(
  axes: number | readonly number[] | undefined,
  rank: number,
  where: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const counted = (typeof axes === 'number' ? [axes] : axes).map((axis) =>
    axisOf(axis, rank, where),
  );
  if (new Set(counted).size !== counted.length) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `axes [${axes}] name one axis twice.`,
    });
  }
  return counted.sort((a, b) => a - b);
}

/** The size of one axis, `null` while unknown. */
export function axisSize(tensor: Described, axis: number): number | null {
  return tensor.shape[axis < 0 ? tensor.shape.length + axis : axis] ?? null;
}

/** Two sizes can be the same: unknown ones are taken on trust until they are known. */
export const sizesAgree = (a: number | null, b: number | null): boolean =>
  a === null || b === null || a === b;

export const shapesAgree = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => sizesAgree(size, b[axis] as number | null));

/** What is known of two shapes that must be the same. */
export const mergeShapes = (a: Shape, b: Shape): Shape =>
  a.map((size, axis) => size ?? b[axis] ?? null);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/**
 * The shape of an elementwise operation on several shapes by NumPy's rule: aligned at the last axis, sizes equal or 1.
 * Errors: SHAPE_MISMATCH.
 */
export function broadcastShapes(inputs: Readonly<Record<string, Described>>, where: string): Shape {
  const rank = Math.max(0, ...Object.values(inputs).map(({ shape }) => shape.length));
  const result: (number | null)[] = new Array(rank).fill(1);
  for (const { shape } of Object.values(inputs)) {
    const shift = rank - shape.length;
    shape.forEach((size, axis) => {
      const seen = result[axis + shift] as number | null;
      if (size === 1 || seen === size) return;
      if (seen === 1) result[axis + shift] = size;
      else if (seen === null) result[axis + shift] = size;
      else if (size !== null) {
        throw new GraphError('SHAPE_MISMATCH', where, {
          what: `sizes ${seen} and ${size} of axis ${axis + shift - rank} can not be broadcast to one shape.`,
          given: inputs,
          fix: 'make the sizes equal, or give one operand size 1 on that axis (reshape, expandDims).',
        });
      }
    });
  }
  return result;
}
