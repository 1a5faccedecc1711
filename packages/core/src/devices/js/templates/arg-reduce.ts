import type { CompileTemplate } from './kernel.js';

/** y[o, n] = the first i at which x[o, i, n] is extreme; the first NaN, where there is one. */
export const compileArgReduce: CompileTemplate<'argReduce'> = (template, [from], [to]) => {
  const { outer, size, inner } = template.view;
  const x = from as Float32Array;
  const y = to as Int32Array;
  const wantsMax = template.mode === 'max';
  return () => {
    for (let o = 0; o < outer; o++) {
      for (let n = 0; n < inner; n++) {
        const start = o * size * inner + n;
        let best = 0;
        let extreme = x[start] as number;
        // Once NaN is the extreme, nothing replaces it.
        for (let i = 1, at = start + inner; i < size && !Number.isNaN(extreme); i++, at += inner) {
          const value = x[at] as number;
          if (Number.isNaN(value) || (wantsMax ? value > extreme : value < extreme)) {
            extreme = value;
            best = i;
          }
        }
        y[o * inner + n] = best;
      }
    }
  };
};
