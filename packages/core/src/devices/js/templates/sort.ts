import type { CompileTemplate } from './kernel.js';

/** True if `a` may stay in front of `b`, which came after it. NaN counts as the largest. */
type InOrder = (a: number, b: number) => boolean;

const ascending: InOrder = (a, b) => a <= b || Number.isNaN(b);
const descending: InOrder = (a, b) => a >= b || Number.isNaN(a);

/** values[o, :, n] = x[o, :, n] in order, and the int32 positions they came from; equal elements keep their order. */
export const compileSort: CompileTemplate<'sort'> = (template, [from], [values, positions]) => {
  const { outer, size, inner } = template.view;
  const x = from as Float32Array;
  const sorted = values as Float32Array;
  const indices = positions as Int32Array;
  const inOrder = template.descending ? descending : ascending;
  const keys = new (x.constructor as Float32ArrayConstructor)(size);
  const order = [new Int32Array(size), new Int32Array(size)] as const;
  return () => {
    for (let o = 0; o < outer; o++) {
      for (let n = 0; n < inner; n++) {
        const start = o * size * inner + n;
        for (let i = 0, at = start; i < size; i++, at += inner) {
          keys[i] = x[at] as number;
          order[0][i] = i;
        }
        const result = mergeSort(keys, order, inOrder);
        for (let i = 0, at = start; i < size; i++, at += inner) {
          const index = result[i] as number;
          sorted[at] = keys[index] as number;
          indices[at] = index;
        }
      }
    }
  };
};

/** Bottom-up merge sort of the indices in `order[0]` by their keys; gives the one of the two arrays that holds the result. */
function mergeSort(
  keys: Float32Array,
  order: readonly [Int32Array, Int32Array],
  inOrder: InOrder,
): Int32Array {
  const { length } = keys;
  let [from, to] = order;
  for (let width = 1; width < length; width *= 2) {
    for (let left = 0; left < length; left += 2 * width) {
      const middle = Math.min(left + width, length);
      const right = Math.min(middle + width, length);
      let i = left;
      let j = middle;
      for (let at = left; at < right; at++) {
        const a = from[i] as number;
        const b = from[j] as number;
        const takesLeft =
          i < middle && (j >= right || inOrder(keys[a] as number, keys[b] as number));
        to[at] = takesLeft ? a : b;
        if (takesLeft) i++;
        else j++;
      }
    }
    const last = from;
    from = to;
    to = last;
  }
  return from;
}
