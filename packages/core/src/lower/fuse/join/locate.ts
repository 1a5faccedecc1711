import type { Affine, Bound } from '../../loop-ir.js';
import type { Layout } from '../form/affine.js';

/** Where a load reads in a layout. */
export type Located =
  /** By axis of the layout: the position along it, over the axes of the reader. */
  | { readonly kind: 'at'; readonly positions: ReadonlyMap<number, Affine> }
  /** An axis of the reader has to be two for that. */
  | { readonly kind: 'split'; readonly axis: number; readonly inner: number }
  | { readonly kind: 'apart'; readonly why: string };

interface Reading {
  readonly index: Affine;
  readonly bounds: readonly Bound[];
  /** Extents of the axes of the reader. */
  readonly extents: readonly number[];
}

const apart = (why: string): Located => ({ kind: 'apart', why });

/**
 * Takes a flat index apart into positions along the axes of a layout, as a number is taken apart into digits of mixed radix:
 * each axis of the reader moves along the one digit that its stride is a multiple of.
 */
export function locate({ index, bounds, extents }: Reading, layout: Layout): Located {
  const digits = layout.axes.map(() => new Array<number>(extents.length).fill(0));
  for (let axis = 0; axis < extents.length; axis++) {
    const stride = index.strides[axis] as number;
    if (stride === 0 || extents[axis] === 1) continue;
    const size = Math.abs(stride);
    const digit = layout.strides.findIndex((one) => one <= size);
    const unit = layout.strides[digit];
    if (unit === undefined || size % unit !== 0)
      return apart('its elements lie across those of the producer');
    const step = size / unit;
    const extent = extents[axis] as number;
    const room = layout.extents[digit] as number;
    const inner = room / step;
    const crosses = digit > 0 && step * (extent - 1) >= room;
    if (crosses && Number.isInteger(inner) && inner > 1 && extent % inner === 0)
      return { kind: 'split', axis, inner };
    (digits[digit] as number[])[axis] = stride / unit;
  }
  return placed({ index, bounds, extents }, layout, digits);
}

function placed(reading: Reading, layout: Layout, digits: readonly number[][]): Located {
  const positions = new Map<number, Affine>();
  let rest = reading.index.offset;
  for (let digit = digits.length - 1; digit >= 0; digit--) {
    const unit = layout.strides[digit] as number;
    const room = layout.extents[digit] as number;
    const whole = Math.floor(rest / unit);
    const within = ((whole % room) + room) % room;
    const choices = digit === 0 ? [whole] : [within, within - room];
    const strides = digits[digit] as number[];
    const offset = choices.find((choice) => fits({ offset: choice, strides }, room, reading));
    if (offset === undefined) return apart('it reads beyond an axis of the producer');
    positions.set(layout.axes[digit] as number, { offset, strides });
    rest -= offset * unit;
  }
  return rest === 0 ? { kind: 'at', positions } : apart('it reads outside of the producer');
}

/** Whether a position stays on its axis, by itself or because a bound of the load says so. */
function fits(position: Affine, room: number, { bounds, extents }: Reading): boolean {
  let [low, high] = [position.offset, position.offset];
  position.strides.forEach((stride, axis) => {
    const reach = stride * ((extents[axis] as number) - 1);
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (low >= 0 && high < room) return true;
  return bounds.some(
    ({ index, size }) =>
      size <= room &&
      index.offset === position.offset &&
      index.strides.every((stride, axis) => stride === position.strides[axis]),
  );
}
