import type { Affine } from '../../loop-ir.js';

/** An index that is always 0, over a number of axes. */
export const nowhere = (axes: number): Affine => ({
  offset: 0,
  strides: new Array<number>(axes).fill(0),
});

/** The position along one of a number of axes. */
export function along(axis: number, axes: number): Affine {
  const strides = new Array<number>(axes).fill(0);
  strides[axis] = 1;
  return { offset: 0, strides };
}

/** An index over other axes, given the position along each of its own axes in terms of them. */
export function substituted(index: Affine, positions: readonly Affine[], axes: number): Affine {
  const strides = new Array<number>(axes).fill(0);
  let { offset } = index;
  for (let axis = 0; axis < index.strides.length; axis++) {
    const stride = index.strides[axis] as number;
    if (stride === 0) continue;
    const position = positions[axis] as Affine;
    offset += stride * position.offset;
    for (let a = 0; a < position.strides.length; a++)
      strides[a] = (strides[a] as number) + stride * (position.strides[a] as number);
  }
  return { offset, strides };
}

export const sameAffine = (a: Affine, b: Affine): boolean =>
  a.offset === b.offset && a.strides.every((stride, axis) => stride === (b.strides[axis] ?? 0));

export const usesAxis = ({ strides }: Affine, axes: ReadonlySet<number>): boolean =>
  strides.some((stride, axis) => stride !== 0 && axes.has(axis));

/** Axes in the order in which they lie in memory, the outermost first: every position of them is one element and none is left out. */
export interface Layout {
  readonly axes: readonly number[];
  readonly strides: readonly number[];
  readonly extents: readonly number[];
}

/** The layout of `size` elements that an index passes, each once; null where it does not. */
export function layoutOf(
  index: Affine,
  { axes, extents, size }: { axes: readonly number[]; extents: readonly number[]; size: number },
): Layout | null {
  if (index.offset !== 0) return null;
  const given = axes.filter((axis) => extents[axis] !== 1);
  const inside = new Set(given);
  if (index.strides.some((stride, axis) => stride !== 0 && !inside.has(axis))) return null;
  const order = given.sort((a, b) => (index.strides[b] as number) - (index.strides[a] as number));
  let next = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const axis = order[i] as number;
    if (index.strides[axis] !== next) return null;
    next *= extents[axis] as number;
  }
  if (next !== size) return null;
  return {
    axes: order,
    strides: order.map((axis) => index.strides[axis] as number),
    extents: order.map((axis) => extents[axis] as number),
  };
}
