import { dtypes } from '../../../graph/dtype.js';
import { combiner, neutral } from './combine.js';
import type { CompileTemplate } from './kernel.js';

/**
 * y[o, i, n] = combine of x[o, j, n] over j up to i, without i itself where `exclusive`, from the far end where `reverse`.
 * Floats are carried in double precision; a narrow integer is carried as it is stored, so that it wraps.
 */
export const compileCumulative: CompileTemplate<'cumulative'> = (template, [from], [to]) => {
  const { dtype, exclusive, reverse } = template;
  const { outer, size, inner } = template.view;
  const x = from as Float32Array;
  const y = to as Float32Array;
  const combine = combiner(template.combine, dtype);
  const first = neutral(template.combine, dtype);
  const carry = new (dtypes[dtype].kind === 'float' ? Float64Array : dtypes[dtype].device)(
    1,
  ) as Float64Array;
  const step = reverse ? -inner : inner;
  return () => {
    for (let o = 0; o < outer; o++) {
      for (let n = 0; n < inner; n++) {
        carry[0] = first;
        let at = (o * size + (reverse ? size - 1 : 0)) * inner + n;
        for (let i = 0; i < size; i++, at += step) {
          const value = x[at] as number;
          if (exclusive) y[at] = carry[0] as number;
          carry[0] = combine(carry[0] as number, value);
          if (!exclusive) y[at] = carry[0] as number;
        }
      }
    }
  };
};
