import { GraphError, type Template } from '@tenon/core';

/** The error of an index that a kernel found outside, from its position and value. Errors: INDEX_OUT_OF_RANGE. */
export function failureOf(template: Template, position: number, value: number): GraphError {
  const { place, size, axis, where } = failed(template, position);
  const valid = size ? `0..${size - 1}` : 'an empty axis';
  return new GraphError('INDEX_OUT_OF_RANGE', where, {
    what: `index ${value} at ${place} is outside ${valid}${axis}.`,
  });
}

interface Failed {
  readonly place: string;
  readonly size: number;
  readonly axis: string;
  readonly where: string;
}

function failed(template: Template, position: number): Failed {
  const { kind } = template;
  if (kind === 'gather' || kind === 'scatter') {
    const size = kind === 'gather' ? template.view.size : template.rows;
    return { place: `position ${position}`, size, axis: '', where: template.where };
  }
  if (kind !== 'inRange') throw new TypeError(`A kernel of template ${kind} cannot fail.`);
  const { sizes, tuples, shape, where } = template;
  const entry = position % sizes.length;
  const axis = tuples ? ` of axis ${entry}` : '';
  return { place: placeOf(position, shape), size: sizes[entry] as number, axis, where };
}

/** A flat position as one on every axis, `[0, 2]`. */
function placeOf(position: number, shape: readonly number[]): string {
  let rest = position;
  const place = [...shape].reverse().map((size) => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return index;
  });
  return `[${place.reverse().join(', ')}]`;
}
