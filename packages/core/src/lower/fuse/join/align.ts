import type { Affine, Bound } from '../../loop-ir.js';
import { type Layout, nowhere } from '../form/affine.js';
import type { Load } from '../form/expressions.js';
import { loadKey } from '../form/expressions.js';
import { type Form, split } from '../form/form.js';
import { locate } from './locate.js';

/** What a reader's loads of one layout mean: where in the layout each of them is. */
export type Aligned =
  | {
      readonly kind: 'aligned';
      /** The reader, with axes split where that was needed. */
      readonly form: Form;
      /** By key of the load. */
      readonly places: ReadonlyMap<string, Place>;
    }
  | { readonly kind: 'apart'; readonly why: string };

export interface Place {
  /** The position along every axis of the layout's form, over the axes of the reader. */
  readonly positions: readonly Affine[];
  readonly index: Affine;
  readonly bounds: readonly Bound[];
}

// A reader whose axes are split more often than this reads in no order that is worth it.
const mostSplits = 8;

/** Finds the places of all loads that `wanted` picks, splitting axes of the reader until each is affine. */
export function align(
  reader: Form,
  loadsOf: (form: Form) => readonly Load[],
  layout: Layout & { readonly count: number },
): Aligned {
  let form = reader;
  for (let round = 0; round <= mostSplits; round++) {
    const found = placesIn(form, loadsOf(form), layout);
    if ('places' in found) return { kind: 'aligned', form, places: found.places };
    if (found.kind !== 'split') return found;
    form = split(form, found.axis, found.inner);
  }
  return { kind: 'apart', why: 'its axes would have to be split too often' };
}

function placesIn(form: Form, loads: readonly Load[], layout: Layout & { readonly count: number }) {
  const places = new Map<string, Place>();
  const { extents } = form;
  for (const load of loads) {
    const key = loadKey(load);
    if (places.has(key)) continue;
    const { index, bounds } = load;
    const found = locate({ index, bounds, extents }, layout);
    if (found.kind !== 'at') return found;
    const positions = Array.from(
      { length: layout.count },
      (_, axis) => found.positions.get(axis) ?? nowhere(extents.length),
    );
    places.set(key, { positions, index, bounds });
  }
  return { places };
}
