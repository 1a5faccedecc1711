import { GraphError } from '../../../errors.js';
import type { TypedArray } from '../../../graph/dtype.js';
import type { CompileTemplate } from './kernel.js';

/** y[o, i, :] = x[o, indices[i], :] */
export const compileGather: CompileTemplate<'gather'> = (template, [from, indices], [to]) => {
  const { view, count, where } = template;
  const { outer, size, inner } = view;
  const x = from as Float32Array;
  const y = to as Float32Array;
  const chosen = new Int32Array(count);
  return () => {
    readIndices(chosen, indices as TypedArray, { size, where });
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < count; i++) {
        let source = (o * size + (chosen[i] as number)) * inner;
        for (const end = at + inner; at < end; at++, source++) y[at] = x[source] as number;
      }
    }
  };
};

/** Copies indices of any integer dtype. Errors: `INDEX_OUT_OF_RANGE` for the first that is not in 0..size-1. */
export function readIndices(
  to: Int32Array,
  from: TypedArray,
  { size, where }: { readonly size: number; readonly where: string },
): void {
  for (let i = 0; i < to.length; i++) {
    const index = Number(from[i]);
    if (!(index >= 0 && index < size)) {
      throw new GraphError('INDEX_OUT_OF_RANGE', where, {
        what: `index ${index} at position ${i} is outside ${size ? `0..${size - 1}` : 'an empty axis'}.`,
      });
    }
    to[i] = index;
  }
}
