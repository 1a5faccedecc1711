import fc from 'fast-check';
import type { WindowGeometry } from '../../../../src/lower/template.js';

type Triple = [number, number, number];

const triple = (least: number, most: number): fc.Arbitrary<Triple> =>
  fc.tuple(
    fc.integer({ min: least, max: 1 + (most > 1 ? 1 : 0) }),
    fc.integer({ min: least, max: most }),
    fc.integer({ min: least, max: most }),
  );

/** Windows with strides, dilation and padding, as many as fit into a padded input; sometimes none. */
export const geometries: fc.Arbitrary<WindowGeometry> = fc
  .record({
    batch: fc.integer({ min: 0, max: 2 }),
    inSize: triple(1, 7),
    window: triple(1, 3),
    strides: triple(1, 3),
    dilations: triple(1, 2),
    padBefore: triple(0, 2),
    padAfter: triple(0, 2),
  })
  .map(({ padAfter, ...geometry }) => {
    const { inSize, window, strides, dilations, padBefore } = geometry;
    const outSize = [0, 1, 2].map((axis) => {
      const [i, w, s, d] = [inSize, window, strides, dilations].map(
        (sizes) => sizes[axis] as number,
      ) as [number, number, number, number];
      const room = i + (padBefore[axis] as number) + (padAfter[axis] as number) - ((w - 1) * d + 1);
      return room < 0 ? 0 : Math.floor(room / s) + 1;
    }) as Triple;
    return { ...geometry, outSize };
  });

export const inputPositions = ({ batch, inSize }: WindowGeometry): number =>
  batch * inSize[0] * inSize[1] * inSize[2];

const positionsOf = ([d, h, w]: readonly number[]): number[][] => {
  const range = (length = 0) => Array.from({ length }, (_, i) => i);
  return range(d).flatMap((a) => range(h).flatMap((b) => range(w).map((c) => [a, b, c])));
};

/** For each window, in order: the flat position in x of each of its taps, undefined for those in the padding. */
export function windowsOf(geometry: WindowGeometry): (number | undefined)[][] {
  const { batch, inSize, outSize, window, strides, dilations, padBefore } = geometry;
  return Array.from({ length: batch }, (_, n) =>
    positionsOf(outSize).map((out) =>
      positionsOf(window).map((tap) => {
        const at = out.map(
          (o, axis) =>
            o * (strides[axis] as number) +
            (tap[axis] as number) * (dilations[axis] as number) -
            (padBefore[axis] as number),
        );
        if (at.some((position, axis) => position < 0 || position >= (inSize[axis] as number)))
          return undefined;
        return at.reduce((flat, position, axis) => flat * (inSize[axis] as number) + position, n);
      }),
    ),
  ).flat();
}
