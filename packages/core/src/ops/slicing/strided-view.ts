import { GraphError } from '../../errors.js';
import { type KnownShape, stridesOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import type { View } from '../../lower/kernel-builder.js';

/** Places `begin + i * strides` on every axis of a tensor of known shape. */
export interface Places {
  readonly begin: readonly number[];
  readonly strides: readonly number[];
}

/** Reads those places of a tensor over the axes of the result. */
export function stridedView(shape: KnownShape, { begin, strides }: Places): View {
  const steps = stridesOf(shape);
  return {
    offset: begin.reduce((offset, first, axis) => offset + first * (steps[axis] as number), 0),
    strides: strides.map((stride, axis) => stride * (steps[axis] as number)),
  };
}

/** Refuses places outside of x; unknown sizes are taken on trust. Errors: ATTRIBUTE_INVALID, INDEX_OUT_OF_RANGE. */
export function checkPlaces(
  x: Tensor,
  places: Places & { readonly size: readonly (number | null)[] },
  where: string,
): void {
  const { begin, strides, size } = places;
  if ([begin, strides, size].some(({ length }) => length !== x.rank)) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `begin [${begin}], strides [${strides}] and size [${size}] do not name each of ${x.rank} axes.`,
      given: { x },
      fix: 'give one number for every axis of x.',
    });
  }
  x.shape.forEach((extent, axis) => {
    const [first, count] = [begin[axis] as number, size[axis] ?? 0];
    const last = count > 0 ? first + (count - 1) * (strides[axis] as number) : first;
    const inside =
      extent === null ||
      (first >= 0 && last >= 0 && (count > 0 ? Math.max(first, last) < extent : first <= extent));
    if (!inside || first < 0) {
      throw new GraphError('INDEX_OUT_OF_RANGE', where, {
        what: `${count} elements from ${first} on axis ${axis} are not within ${extent ?? 'its'} elements.`,
        given: { x },
        fix: 'begin + size may be at most the size of the axis.',
      });
    }
  });
}
