import { z } from 'zod';
import { GraphError } from '../errors.js';
import type { WindowGeometry } from '../lower/template.js';

/** A window that slides over three spatial axes; leading ones have size 1 where a tensor has fewer. */
const positive = z.int().min(1);
export const triple = z.tuple([positive, positive, positive]);
export const roundingModes = z.enum(['floor', 'round', 'ceil']);
const pair = z.tuple([z.int().min(0), z.int().min(0)]);

/** Attributes of every primitive with a sliding window. */
export const slideAttrs = {
  strides: triple,
  dilations: triple,
  padding: z.union([z.enum(['valid', 'same']), z.tuple([pair, pair, pair])]),
  /** Whether a window that only begins inside the padded input counts. */
  dimRoundingMode: roundingModes.default('floor'),
};

export type Triple = z.output<typeof triple>;
export type Pair = z.output<typeof pair>;
export interface Slide {
  readonly strides: Triple;
  readonly dilations: Triple;
  readonly padding: 'valid' | 'same' | [Pair, Pair, Pair];
  readonly dimRoundingMode: z.output<typeof roundingModes>;
}

const round = { floor: Math.floor, round: Math.round, ceil: Math.ceil } as const;

/** Elements that a window with gaps reaches over. */
export const spanOf = (window: number, dilation: number): number => (window - 1) * dilation + 1;

/**
 * The number of window positions along each spatial axis, `null` while unknown. Without padding and with stride s it is
 * floor((size - span) / s) + 1; with 'same' padding ceil(size / s). Errors: SHAPE_MISMATCH.
 */
export function slidSizes(
  sizes: readonly (number | null)[],
  windows: readonly (number | null)[],
  { slide, where }: { readonly slide: Slide; readonly where: string },
): (number | null)[] {
  return sizes.map((size, axis) => {
    const [window, stride] = [windows[axis] ?? null, slide.strides[axis] as number];
    if (size === null) return null;
    if (slide.padding === 'same') return Math.ceil(size / stride);
    if (window === null) return null;
    const [before, after] = slide.padding === 'valid' ? [0, 0] : (slide.padding[axis] as Pair);
    const span = spanOf(window, slide.dilations[axis] as number);
    const room = size + before + after - span;
    if (room < 0 || window === 0) {
      throw new GraphError('SHAPE_MISMATCH', where, {
        what: `a window that reaches over ${span} elements does not fit into ${size + before + after}.`,
        fix: "pad the input (padding: 'same'), or use a smaller window or dilation.",
      });
    }
    return round[slide.dimRoundingMode](room / stride) + 1;
  });
}

/** Padding in front, by TensorFlow's rule for 'same': the odd element goes behind. */
function paddedBefore(
  geometry: Pick<WindowGeometry, 'inSize' | 'outSize' | 'window'>,
  slide: Slide,
): Triple {
  if (slide.padding === 'valid') return [0, 0, 0];
  if (slide.padding !== 'same') return slide.padding.map(([before]) => before) as Triple;
  return slide.strides.map((stride, axis) => {
    const span = spanOf(geometry.window[axis] as number, slide.dilations[axis] as number);
    const last = ((geometry.outSize[axis] as number) - 1) * stride + span;
    return Math.floor(Math.max(last - (geometry.inSize[axis] as number), 0) / 2);
  }) as Triple;
}

/** Sizes of a window that slides from x [batch, ...inSize, c] to y [batch, ...outSize, c']. */
export function windowGeometry(
  x: readonly number[],
  y: readonly number[],
  { window, slide }: { readonly window: readonly number[]; readonly slide: Slide },
): WindowGeometry {
  const sizes = {
    inSize: x.slice(1, 4) as Triple,
    outSize: y.slice(1, 4) as Triple,
    window: window as Triple,
  };
  const { strides, dilations } = slide;
  return {
    batch: x[0] as number,
    ...sizes,
    strides,
    dilations,
    padBefore: paddedBefore(sizes, slide),
  };
}
