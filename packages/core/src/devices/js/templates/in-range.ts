import { GraphError } from '../../../errors.js';
import type { TypedArray } from '../../../graph/dtype.js';
import type { CompileTemplate } from './kernel.js';

/** y = x, unless an element lies outside. */
export const compileInRange: CompileTemplate<'inRange'> = (template, [from], [to]) => {
  const { sizes, open, shape, tuples, where } = template;
  const x = from as TypedArray;
  const y = to as Int32Array;
  const refuse = (i: number, size: number): never => {
    const valid = size ? `0..${size - 1}` : 'an empty axis';
    const axis = tuples ? ` of axis ${i % sizes.length}` : '';
    throw new GraphError('INDEX_OUT_OF_RANGE', where, {
      what: `index ${x[i]} at ${placeOf(i, shape)} is outside ${valid}${axis}.`,
    });
  };
  return () => {
    for (let i = 0; i < x.length; i++) {
      const index = Number(x[i]);
      const size = sizes[i % sizes.length] as number;
      if ((index < 0 && open !== 'below') || (index >= size && open !== 'beyond')) refuse(i, size);
    }
    y.set(x as Int32Array);
  };
};

/** A flat position as one on every axis, `[0, 2]`. */
function placeOf(position: number, shape: readonly number[]): string {
  const place: number[] = [];
  shape.reduceRight((rest, size) => {
    place.unshift(rest % size);
    return Math.floor(rest / size);
  }, position);
  return `[${place.join(', ')}]`;
}
