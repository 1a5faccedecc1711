import { toBfloat16, widening } from '../transport/wire-values.js';
import type { Elements, Wire } from './bucket.js';

/** Elements of a piece on the wire. */
export type WireElements = Elements | Uint16Array;

/** Whether elements are narrowed when they travel. */
export const narrows = (elements: Elements, wire: Wire): elements is Float32Array =>
  wire === 'bfloat16' && elements instanceof Float32Array;

/** Elements as they travel; those that are not narrowed are the same memory. */
export const onWire = (elements: Elements, wire: Wire): WireElements =>
  narrows(elements, wire) ? toBfloat16(elements) : elements;

/** `target <- target + source`, element by element. */
export function addElements(target: Elements, source: WireElements): void {
  if (source instanceof Uint16Array) {
    const table = widening('bfloat16');
    for (let i = 0; i < target.length; i++)
      target[i] = (target[i] as number) + (table[source[i] as number] as number);
    return;
  }
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + (source[i] as number);
}

/** `target <- source`, element by element. */
export function setElements(target: Elements, source: WireElements): void {
  if (!(source instanceof Uint16Array)) {
    target.set(source);
    return;
  }
  const table = widening('bfloat16');
  for (let i = 0; i < target.length; i++) target[i] = table[source[i] as number] as number;
}
