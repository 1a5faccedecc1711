import type { Affine } from '../../loop-ir.js';
import { along, layoutOf, nowhere, sameAffine, substituted } from '../form/affine.js';
import { loadsIn } from '../form/expressions.js';
import { elementsOf, type Form, isMap, movedSteps, type Step } from '../form/form.js';
import { align, type Place } from './align.js';
import { loadsOfValue, makerOf, type Refusal, refusal, withoutLoads } from './inline.js';

interface Joining {
  readonly producer: Form;
  /** The producer with those stores alone that others need. */
  readonly kept: Form;
  readonly reader: Form;
  /** Values that the reader reads of the producer. */
  readonly values: readonly number[];
  readonly sizes: (value: number) => number;
}

/**
 * One kernel of two that work on the same rows: for each row the steps of the producer, then those of the reader, which has
 * in registers what the producer found about the row and computes anew what it made of each element.
 */
export function rowJoin(joining: Joining): Form | Refusal {
  const { producer, values } = joining;
  const placed = placesOfAll(joining);
  if ('why' in placed) return placed;
  const { form, places } = placed;
  const rows = rowsOf(producer, form, places);
  if ('why' in rows) return rows;
  const shared = sharedRows(form, rows.axes);
  if ('why' in shared) return shared;
  let joined = shared;
  for (const value of values) {
    const made = makerOf(producer, value, joining.sizes(value));
    if (made.kind === 'apart') return made;
    const found = places.get(value) as ReadonlyMap<string, Place>;
    joined = withoutLoads(
      { kind: 'aligned', form: joined, places: found },
      value,
      made.store,
      form.registers.length,
    );
  }
  return stacked(joining.kept, joined, rows.positions);
}

/** The steps of one form, then those of another, on the rows of the latter; the first one's registers are numbered behind. */
export function stacked(front: Form, form: Form, rows: readonly Affine[]): Form {
  const added = front.extents.flatMap((_, axis) => (front.rows.includes(axis) ? [] : [axis]));
  const axes = form.extents.length + added.length;
  const moved = (axis: number) => form.extents.length + added.indexOf(axis);
  const positions = front.extents.map((_, axis) => {
    const row = front.rows.indexOf(axis);
    return row < 0 ? along(moved(axis), axes) : widened(rows[row] as Affine, axes);
  });
  const move = { positions, axes, register: form.registers.length };
  return {
    extents: [...form.extents, ...added.map((axis) => front.extents[axis] as number)],
    rows: form.rows,
    steps: [...movedSteps(front.steps, move, (axis) => [moved(axis)]), ...widenedSteps(form, axes)],
    registers: [...form.registers, ...front.registers],
  };
}

const widened = ({ offset, strides }: Affine, axes: number): Affine => ({
  offset,
  strides: [...strides, ...new Array<number>(axes - strides.length).fill(0)],
});

function widenedSteps(form: Form, axes: number): Step[] {
  const positions = form.extents.map((_, axis) => along(axis, axes));
  return movedSteps(form.steps, { positions, axes }, (axis) => [axis]);
}

/** Where the reader reads each of the values, after its axes are split for all of them. */
function placesOfAll({ producer, reader, values, sizes }: Joining) {
  let form = reader;
  for (let last = false; ; last = true) {
    const places = new Map<number, ReadonlyMap<string, Place>>();
    const before = form;
    for (const value of values) {
      const made = makerOf(producer, value, sizes(value));
      if (made.kind === 'apart') return made;
      if (loadsOfValue(form, value).some(({ dtype }) => dtype !== made.store.dtype))
        return refusal('it is read as another dtype');
      const aligned = align(form, (one) => loadsOfValue(one, value), made.layout);
      if (aligned.kind === 'apart') return aligned;
      form = aligned.form;
      places.set(value, aligned.places);
    }
    if (form === before) return { form, places };
    if (last) return refusal('its rows can not be told apart');
  }
}

/** The axes of the reader that pass the rows of the producer, each row once. */
export function rowsOf(
  producer: Form,
  reader: Form,
  places: ReadonlyMap<number, ReadonlyMap<string, Place>>,
) {
  const all = [...places.values()].flatMap((found) => [...found.values()]);
  const [first] = all;
  if (!first) return refusal('it is not read');
  const positions = producer.rows.map((axis) => first.positions[axis] as Affine);
  const same = all.every((place) =>
    producer.rows.every((axis, i) =>
      sameAffine(place.positions[axis] as Affine, positions[i] as Affine),
    ),
  );
  if (!same) return refusal('it reads other rows than it makes');
  // The number of the row.
  const strides = producer.rows.map((_, i) =>
    elementsOf(producer.extents, producer.rows.slice(i + 1)),
  );
  const axes = reader.extents.length;
  const index =
    positions.length > 0 ? substituted({ offset: 0, strides }, positions, axes) : nowhere(axes);
  const used = index.strides.flatMap((stride, axis) => (stride === 0 ? [] : [axis]));
  const layout = layoutOf(index, {
    axes: used,
    extents: reader.extents,
    size: elementsOf(producer.extents, producer.rows),
  });
  return layout ? { axes: layout.axes, positions } : refusal('it does not pass the same rows');
}

/** The reader with these axes as its rows. */
function sharedRows(form: Form, rows: readonly number[]): Form | Refusal {
  const inside = new Set(rows);
  if (isMap(form)) {
    const axes = form.rows.filter((axis) => !inside.has(axis));
    return { ...form, rows, steps: form.steps.map((step) => ({ ...step, axes })) };
  }
  const same = form.rows.length === rows.length && form.rows.every((axis) => inside.has(axis));
  return same ? form : refusal('it reduces over the rows');
}

/** Whether neighbours in memory are in different rows, so that a row can not be read in one go. */
export function isColumnwise({ extents, rows, steps }: Form): boolean {
  const reach = (strides: readonly number[], axes: readonly number[]) =>
    Math.min(
      ...axes.map((axis) => Math.abs(strides[axis] ?? 0)).filter((stride) => stride > 0),
      Number.POSITIVE_INFINITY,
    );
  return steps.some(({ axes, sums }) =>
    sums.some(({ value }) =>
      loadsIn([value]).some(
        ({ index }) =>
          elementsOf(extents, axes) > 1 && reach(index.strides, rows) < reach(index.strides, axes),
      ),
    ),
  );
}
