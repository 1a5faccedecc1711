import { GraphError } from '../../errors.js';
import type { Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';

interface StridedAttrs {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides?: readonly number[] | undefined;
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** What happens on each axis of x, and the shape of the result; `null` where the size of x is unknown. */
interface StridedSpec {
  readonly begin: readonly (number | null)[];
  readonly strides: readonly number[];
  readonly size: Shape;
  readonly shape: Shape;
}

interface Range {
  readonly begin: number | null;
  readonly stride: number;
  readonly size: number | null;
}

const bit = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;

const refuse = (x: Tensor, what: string, fix: string): never => {
  throw new GraphError('ATTRIBUTE_INVALID', 'stridedSlice', { what, given: { x }, fix });
};

/** Refuses entries that name no axis or one too many; the number of axes that an ellipsis stands for. */
function checkedEntries(x: Tensor, attrs: StridedAttrs): number {
  const { begin, end, strides, ellipsisMask, newAxisMask } = attrs;
  if (end.length !== begin.length || (strides && strides.length !== begin.length)) {
    const lengths = `begin has ${begin.length} entries, end ${end.length}, strides ${strides?.length ?? 0}.`;
    refuse(x, lengths, 'give them the same length.');
  }
  const entries = begin.map((_, i) => i);
  if (entries.filter((i) => bit(ellipsisMask, i)).length > 1) {
    refuse(x, 'ellipsisMask has more than one bit.', 'one ellipsis stands for all other axes.');
  }
  const named = entries.filter((i) => !bit(ellipsisMask | newAxisMask, i)).length;
  if (named > x.rank) {
    refuse(x, `${named} entries name more than the ${x.rank} axes.`, 'leave out the last ones.');
  }
  return x.rank - named;
}

/** Reads the entries from the first to the last and gives each axis of x its range. Errors: ATTRIBUTE_INVALID, INDEX_OUT_OF_RANGE. */
export function stridedSpec(x: Tensor, attrs: StridedAttrs): StridedSpec {
  const rest = checkedEntries(x, attrs);
  const ranges: Range[] = [];
  const shape: (number | null)[] = [];
  const whole = (): void => {
    const size = x.shape[ranges.length] as number | null;
    ranges.push({ begin: 0, stride: 1, size });
    shape.push(size);
  };
  attrs.begin.forEach((_, i) => {
    if (bit(attrs.ellipsisMask, i)) for (let n = 0; n < rest; n++) whole();
    else if (bit(attrs.newAxisMask, i)) shape.push(1);
    else {
      const range = rangeOf(x, ranges.length, { ...attrs, entry: i });
      ranges.push(range);
      if (!bit(attrs.shrinkAxisMask, i)) shape.push(range.size);
    }
  });
  while (ranges.length < x.rank) whole();
  return {
    begin: ranges.map((range) => range.begin),
    strides: ranges.map(({ stride }) => stride),
    size: ranges.map(({ size }) => size),
    shape,
  };
}

function rangeOf(x: Tensor, axis: number, attrs: StridedAttrs & { readonly entry: number }): Range {
  const { entry } = attrs;
  const size = x.shape[axis] as number | null;
  const stride = attrs.strides?.[entry] ?? 1;
  if (stride === 0)
    refuse(x, `the stride of entry ${entry} is 0.`, 'use a positive or negative stride.');
  const [from, to] = [attrs.begin[entry] as number, attrs.end[entry] as number];
  if (bit(attrs.shrinkAxisMask, entry))
    return { begin: onlyPlace(x, axis, from), stride: 1, size: 1 };
  if (size === null) return { begin: null, stride, size: null };
  // A way backwards may end before element 0, which is place -1.
  const [least, most] = stride > 0 ? [0, size] : [-1, size - 1];
  const cut = (place: number) => Math.min(Math.max(place < 0 ? place + size : place, least), most);
  const first = bit(attrs.beginMask, entry) ? (stride > 0 ? least : most) : cut(from);
  const last = bit(attrs.endMask, entry) ? (stride > 0 ? most : least) : cut(to);
  const taken = Math.max(Math.ceil((last - first) / stride), 0);
  return { begin: taken > 0 ? first : 0, stride, size: taken };
}

function onlyPlace(x: Tensor, axis: number, place: number): number | null {
  const size = x.shape[axis] as number | null;
  if (size === null) return place < 0 ? null : place;
  const counted = place < 0 ? place + size : place;
  if (counted >= 0 && counted < size) return counted;
  throw new GraphError('INDEX_OUT_OF_RANGE', 'stridedSlice', {
    what: `index ${place} is outside axis ${axis} of size ${size}.`,
    given: { x },
    fix: `use an index from ${-size} to ${size - 1}.`,
  });
}
