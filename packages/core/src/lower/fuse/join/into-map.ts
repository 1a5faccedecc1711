import { layoutOf, substituted } from '../form/affine.js';
import { type Form, mover, type Step, turnsOf } from '../form/form.js';
import type { Place } from './align.js';
import { inlined, type Refusal, refusal } from './inline.js';

interface Joining {
  /** Independent elements. */
  readonly producer: Form;
  readonly reader: Form;
  /** Values that the reader reads of the producer. */
  readonly values: readonly number[];
  /** Results of the producer that are needed elsewhere too. */
  readonly kept: ReadonlySet<number>;
  readonly sizes: (value: number) => number;
}

const otherTurns = 'elements that are needed elsewhere would be computed more or less than once';

/** The reader with the producer's expressions in place of its loads, storing what else is needed of the producer. */
export function join({ producer, reader, values, kept, sizes }: Joining): Form | Refusal {
  const count = turnsOf(producer, producer.steps[0] as Step);
  if (kept.size > 0 && !reader.steps.some((step) => turnsOf(reader, step) === count))
    return refusal(otherTurns);
  let form = reader;
  let stored = kept.size === 0;
  for (const value of values) {
    const result = inlined(form, { producer, value, size: sizes(value) });
    if ('kind' in result) return result;
    form = result.form;
    if (stored) continue;
    const places = [...result.aligned.places.values()];
    const whole = places.map((place) => withStores({ form, producer, kept, place })).find(Boolean);
    if (whole) form = whole;
    stored = whole !== undefined;
  }
  return stored ? form : refusal(otherTurns);
}

/** Stores of the producer beside those of the step that passes its elements, each once. */
function withStores({
  form,
  producer,
  kept,
  place,
}: {
  form: Form;
  producer: Form;
  kept: ReadonlySet<number>;
  place: Place;
}): Form | undefined {
  if (place.bounds.length > 0) return undefined;
  const axes = form.extents.length;
  const [map] = producer.steps as [Step];
  const size = turnsOf(producer, map);
  const at = form.steps.findIndex((step) => {
    const own = [...form.rows, ...step.axes];
    const index = { ...place.index, strides: pad(place.index.strides, axes) };
    return (
      turnsOf(form, step) === size && layoutOf(index, { axes: own, extents: form.extents, size })
    );
  });
  if (at < 0) return undefined;
  const { positions } = place;
  const move = mover({ positions, axes });
  const stores = map.stores
    .filter(({ value }) => kept.has(value))
    .map((store) => ({
      ...store,
      index: substituted(store.index, positions, axes),
      expression: move(store.expression),
    }));
  return {
    ...form,
    steps: form.steps.map((step, i) =>
      i === at ? { ...step, stores: [...stores, ...step.stores] } : step,
    ),
  };
}

const pad = (strides: readonly number[], axes: number): number[] => [
  ...strides,
  ...new Array<number>(axes - strides.length).fill(0),
];
