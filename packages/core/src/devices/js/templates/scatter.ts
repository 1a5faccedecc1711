import type { TypedArray } from '../../../graph/dtype.js';
import type { TemplateOf } from '../../../lower/template.js';
import { type Combine, combiner } from './combine.js';
import { readIndices } from './gather.js';
import type { CompileTemplate } from './kernel.js';

type Mode = TemplateOf<'scatter'>['mode'];

const combines: Record<Exclude<Mode, 'set'>, Combine> = {
  add: 'sum',
  prod: 'prod',
  max: 'max',
  min: 'min',
};

/** y = base; then, in the order of the indices, y[indices[i], :] = combine(y[indices[i], :], updates[i, :]) */
export const compileScatter: CompileTemplate<'scatter'> = (
  template,
  [base, indices, updates],
  [to],
) => {
  const { mode, rows, inner, count, where, dtype } = template;
  const y = to as Float32Array;
  const u = updates as Float32Array;
  const chosen = new Int32Array(count);
  const combine =
    mode === 'set' ? (_: number, update: number) => update : combiner(combines[mode], dtype);
  return () => {
    readIndices(chosen, indices as TypedArray, { size: rows, where });
    y.set(base as Float32Array);
    let from = 0;
    for (let i = 0; i < count; i++) {
      let at = (chosen[i] as number) * inner;
      for (const end = at + inner; at < end; at++, from++) {
        y[at] = combine(y[at] as number, u[from] as number);
      }
    }
  };
};
