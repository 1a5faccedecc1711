import { layoutOf, substituted } from '../form/affine.js';
import { collapseAxes } from '../form/collapse-axes.js';
import { type Load, loadsIn } from '../form/expressions.js';
import { type Form, isMap, mover, type Step, turnsOf } from '../form/form.js';
import { mergeSteps } from '../form/merge-steps.js';
import type { Unit, Units } from '../units.js';
import { align, type Place } from './align.js';
import { type Refusal, refusal } from './inline.js';
import { type Merging, sized } from './merge.js';
import { rowsOf, stacked } from './row-join.js';

// What is read very often, a learning rate, does not have to be compared with all its readers.
const mostTries = 6;

/**
 * Makes one kernel of two that pass the same elements of a value, so that it is read once: sums for several gradients, mean
 * and mean square. `become` is told of each pair.
 */
export function siblings(
  { units }: Merging,
  become: (part: Unit, unit: Unit, form: Form) => void,
): void {
  for (const [value, readers] of units.shared()) {
    let earlier: Unit[] = [];
    for (const unit of readers) {
      if (units.isGone(unit) || !unit.form || unit.template || unit.late) continue;
      for (const kept of earlier.slice(0, mostTries)) {
        const form = units.isGone(kept) ? undefined : beside(units, { value, kept, unit });
        if (form) become(kept, unit, form);
      }
      earlier = [unit, ...earlier.filter((one) => !units.isGone(one))];
    }
  }
}

interface Pair {
  readonly value: number;
  readonly kept: Unit;
  readonly unit: Unit;
}

function beside(units: Units, { value, kept, unit }: Pair): Form | undefined {
  const [front, form] = [kept.form, unit.form];
  if (!front || !form || units.runsBefore(kept, unit) || units.runsBefore(unit, kept))
    return undefined;
  const size = units.sizes(value);
  const both = isMap(front) && isMap(form);
  if (!both && (isMap(front) || isMap(form))) return undefined;
  const result = both ? elements(front, form, { value, size }) : rows(front, form, { value, size });
  return 'kind' in result || sized(result).kind === 'apart' ? undefined : result;
}

interface Shared {
  readonly value: number;
  readonly size: number;
}

/** Loads that pass every element of the value once in a step. */
const passing = (form: Form, step: Step, { value, size }: Shared): Load[] => {
  const axes = [...form.rows, ...step.axes];
  if (turnsOf(form, step) !== size) return [];
  return loadsIn([
    ...step.sums.map((sum) => sum.value),
    ...step.stores.map((store) => store.expression),
  ]).filter(
    ({ buffer, index, bounds }) =>
      buffer === value &&
      bounds.length === 0 &&
      layoutOf(index, { axes, extents: form.extents, size }) !== null,
  );
};

/** Where the second passes the elements that the first passes, over the axes of the second as they are then. */
function placeOf(front: Form, form: Form, shared: Shared): { form: Form; place: Place } | Refusal {
  const at = front.steps.find((step) => passing(front, step, shared).length > 0);
  const first = at && passing(front, at, shared)[0];
  if (!at || !first) return refusal('it is not passed as a whole');
  const axes = [...front.rows, ...at.axes];
  const layout = layoutOf(first.index, { axes, extents: front.extents, size: shared.size });
  if (!layout) return refusal('it is not passed as a whole');
  const loads = (one: Form) => one.steps.flatMap((step) => passing(one, step, shared)).slice(0, 1);
  const aligned = align(form, loads, { ...layout, count: front.extents.length });
  if (aligned.kind === 'apart') return aligned;
  const [place] = aligned.places.values();
  return place ? { form: aligned.form, place } : refusal('it is not passed as a whole');
}

function elements(front: Form, reader: Form, shared: Shared): Form | Refusal {
  const placed = placeOf(front, reader, shared);
  if ('why' in placed) return placed;
  const { form, place } = placed;
  const move = { positions: place.positions, axes: form.extents.length };
  const rewrite = mover(move);
  const [own] = front.steps as [Step];
  const [step] = form.steps as [Step];
  const stores = own.stores.map((store) => ({
    ...store,
    index: substituted(store.index, move.positions, move.axes),
    expression: rewrite(store.expression),
  }));
  return { ...form, steps: [{ ...step, stores: [...stores, ...step.stores] }] };
}

function rows(first: Form, second: Form, shared: Shared): Form | Refusal {
  // Loops of few axes are those that are alike.
  const [front, reader] = [collapseAxes(first), collapseAxes(second)];
  const placed = placeOf(front, reader, shared);
  if ('why' in placed) return placed;
  const { form, place } = placed;
  const found = rowsOf(front, form, new Map([[shared.value, new Map([['', place]])]]));
  if ('why' in found) return found;
  const same = new Set(found.axes);
  if (found.axes.length !== form.rows.length || !form.rows.every((axis) => same.has(axis)))
    return refusal('they reduce to other rows');
  const result = mergeSteps(stacked(front, form, found.positions));
  return loopsOf(result) < loopsOf(front) + loopsOf(form)
    ? result
    : refusal('their loops can not be one');
}

const loopsOf = ({ steps }: Form): number => steps.filter(({ axes }) => axes.length > 0).length;
