import { usesAxis } from '../form/affine.js';
import { loadsIn, workOf } from '../form/expressions.js';
import {
  elementsOf,
  type Form,
  isMap,
  loadsOf,
  partsOf,
  type Step,
  storesOf,
  turnsOf,
} from '../form/form.js';
import type { Unit, Units } from '../units.js';
import { finishForm } from './finish.js';
import { inlined, type Refusal, refusal } from './inline.js';
import { join } from './into-map.js';
import { isColumnwise, rowJoin } from './row-join.js';

// A kernel of its own costs as much as some kilobytes of memory traffic: a barrier of the threads, and its start.
const kernelBytes = 8192;
// Additions that take as long as a byte of memory traffic.
const workPerByte = 2;
// Beyond these sizes a kernel runs out of registers, and compiling it takes long.
const mostParts = 600;
const mostBuffers = 40;
/** Elements that one thread alone is through with soon. */
const fewElements = 16384;
const enoughRows = 8;

export interface Merging {
  readonly units: Units;
  readonly bytesOf: (value: number) => number;
  readonly commits: ReadonlySet<number>;
}

/** What becomes of a reader and one of the units that make what it reads. */
export type Merged =
  /** The producer is part of the reader. */
  | { readonly kind: 'one'; readonly form: Form }
  /** The reader computes anew what the producer makes for others as well. */
  | { readonly kind: 'anew'; readonly form: Form }
  | Refusal;

/** Tries to make one kernel of a reader and a producer. */
export function merge(merging: Merging, producer: Unit, reader: Unit): Merged {
  const { units } = merging;
  const [from, into] = [producer.form, reader.form];
  if (!from)
    return refusal(
      `${producer.instruction.kind === 'template' ? producer.instruction.template.kind : producer.instruction.kind} makes it`,
    );
  if (!into) return refusal('its reader is no loop');
  const values = producer.makes.filter((value) => reader.reads.has(value));
  if (reader.template && reader.templateReads.some((input) => values.includes(input)))
    return refusal('a template reads it');
  const kept = new Set(producer.makes.filter((value) => units.neededBeside(value, reader)));
  const pair = { producer, reader, values, kept };
  if (isLeftToReaders(units, pair))
    return refusal('those who need it compute it from what is stored anyway');
  const again = isMap(from) && kept.size > 0 && !producer.template;
  if (again && canVanish(units, producer)) {
    // Of two readers one mostly reads already what the value is computed from.
    const two = values.every((value) => units.readersOf(value).size === 2);
    const anew = computedAnew(merging, pair, two && isShort(from, values) ? 2 : 1);
    if (anew.kind === 'anew') return anew;
  }
  const whole = asOne(merging, pair);
  if (whole.kind === 'one' || !again) return whole;
  const anew = computedAnew(merging, pair, 0.5);
  return anew.kind === 'apart' ? whole : anew;
}

/**
 * Whether a reader makes, of values that a template stores for others as well, something so short that the one who needs it better
 * computes it itself: storing the mask of a rectifier beside its result takes longer than comparing the result with zero later.
 */
function isLeftToReaders(units: Units, { producer, reader, values, kept }: Pair): boolean {
  return (
    producer.template !== null &&
    reader.form !== null &&
    isMap(reader.form) &&
    !reader.late &&
    values.every((value) => kept.has(value)) &&
    reader.makes.every((value) => units.readersOf(value).size === 1) &&
    isShort(reader.form, reader.makes) &&
    canVanish(units, reader)
  );
}

/** Whether values take one operation or two. */
const isShort = (form: Form, values: readonly number[]): boolean =>
  storesOf(form).every(
    ({ value, expression }) => !values.includes(value) || workOf([expression]) <= 2,
  );

/** Whether all that a unit makes may be computed by those who need it. */
function canVanish(units: Units, { makes }: Unit): boolean {
  return makes.every(
    (value) =>
      !units.kept.has(value) &&
      [...units.readersOf(value)].every(
        ({ form, templateReads }) => form !== null && !templateReads.includes(value),
      ),
  );
}

interface Pair {
  readonly producer: Unit;
  readonly reader: Unit;
  readonly values: readonly number[];
  /** What else than the reader needs of the producer. */
  readonly kept: ReadonlySet<number>;
}

function asOne(merging: Merging, { producer, reader, values, kept }: Pair): Merged {
  const { units } = merging;
  const [from, into] = [producer.form, reader.form] as [Form, Form];
  if (producer.template && reader.template) return refusal('both are templates');
  if (producer.late !== reader.late && (producer.late || kept.size > 0))
    return refusal('one of them waits for the success of the run');
  if (producer.template && reader.late)
    return refusal('its reader waits for the success of the run');
  if (units.isBetween(producer, reader))
    return refusal('another instruction must run between them');
  if (kept.size > 0 && isOnlyReduced(units, reader))
    return refusal('what comes of it is only reduced, where it is computed without being stored');
  const wanted = withOnly(from, new Set([...kept, ...values]));
  if (!isMap(from) || (!isMap(into) && kept.size > 0)) {
    if (reader.late && !isMap(from)) return refusal('its reader waits for the success of the run');
    if (producer.template || reader.template)
      return refusal('what follows a template goes by elements');
  }
  const joined = isMap(from)
    ? mapInto(merging, { from: wanted, into, values, kept })
    : rowsInto(merging, { from: withOnly(from, kept), whole: from, into, values });
  if ('kind' in joined) return joined;
  const finished = producer.template ? producer : reader.template ? reader : null;
  if (finished && !finishForm(joined, finished.result))
    return refusal('its elements do not go by the rows and columns of the template');
  return sized(joined);
}

/** Unless it has become too large for one kernel. */
export const sized = (form: Form): Merged => {
  if (partsOf(form) > mostParts) return refusal('it would be too large');
  const buffers = new Set([
    ...loadsOf(form).map(({ buffer }) => buffer),
    ...storesOf(form).map(({ value }) => value),
  ]);
  return buffers.size > mostBuffers
    ? refusal('it would read and write too many values')
    : { kind: 'one', form };
};

/** Whether the elements that a unit makes go into reductions and nowhere else. */
function isOnlyReduced(units: Units, { form, makes }: Unit): boolean {
  if (!form || !isMap(form)) return false;
  return makes.every((value) => {
    const readers = [...units.readersOf(value)];
    return !units.kept.has(value) && readers.length > 0 && readers.every(reduces);
  });
}

const reduces = ({ form }: Unit): boolean => form !== null && !isMap(form);

interface Parts {
  readonly from: Form;
  readonly into: Form;
  readonly values: readonly number[];
}

function mapInto(
  merging: Merging,
  { from, into, values, kept }: Parts & { kept: ReadonlySet<number> },
): Form | Refusal {
  const { units, bytesOf } = merging;
  if (!isMap(into) && kept.size > 0) {
    if (into.steps.some(({ sums }) => sums.length > 0) && !rowsAreShared(into))
      return refusal('its reader reduces, and others need it too');
  }
  const form = join({ producer: from, reader: into, values, kept, sizes: units.sizes });
  if ('kind' in form) return form;
  const more = extraWork(merging, { from, into, values });
  const saved = values.reduce((sum, value) => sum + 2 * bytesOf(value), kernelBytes);
  return more > saved * workPerByte ? refusal('it would be computed too often') : form;
}

/** Rows that lie together and are enough for threads. */
const rowsAreShared = (form: Form): boolean =>
  !isColumnwise(form) && elementsOf(form.extents, form.rows) >= enoughRows;

/** Additions beyond those that computing each element once takes. */
function extraWork({ units }: Merging, { from, into, values }: Parts): number {
  const rowTurns = elementsOf(into.extents, into.rows);
  return values.reduce((sum, value) => {
    const turns = into.steps.reduce((all, step) => {
      const loads = into.steps.length === 1 ? loadsOf(into) : loadsIn(rootsOf(step));
      const inside = new Set(step.axes);
      return loads.reduce((some, { buffer, index }) => {
        if (buffer !== value) return some;
        // What is the same along a row is computed once for it.
        return some + (usesAxis(index, inside) ? turnsOf(into, step) : rowTurns);
      }, all);
    }, 0);
    const again = turns - units.sizes(value);
    if (again <= 0) return sum;
    const stores = storesOf(from).filter((store) => store.value === value);
    return sum + again * workOf(stores.map(({ expression }) => expression));
  }, 0);
}

const rootsOf = ({ sums, stores }: Step) => [
  ...sums.map(({ value }) => value),
  ...stores.map(({ expression }) => expression),
];

function rowsInto(
  { units }: Merging,
  { from, whole, into, values }: Parts & { whole: Form },
): Form | Refusal {
  const halves = whole.registers.some(({ dtype }) => dtype === 'float16' || dtype === 'bfloat16');
  if (halves) return refusal('half precision is rounded where it is stored');
  const joined = rowJoin({ producer: whole, kept: from, reader: into, values, sizes: units.sizes });
  if ('kind' in joined) return joined;
  const inner = joined.steps.filter(({ axes }) => axes.length > 0);
  const elements = Math.max(...inner.map((step) => turnsOf(joined, step)), 0);
  const loops = into.steps.some((step) => step.axes.length > 0) || inner.length > loopsOf(whole);
  if (!loops || elements <= fewElements) return joined;
  if (isColumnwise(whole)) return refusal('its rows do not lie together in memory');
  return elementsOf(joined.extents, joined.rows) < enoughRows
    ? refusal('it has too few rows to share among threads')
    : joined;
}

const loopsOf = ({ steps }: Form): number => steps.filter(({ axes }) => axes.length > 0).length;

/** The form without stores of other values than these. */
export function withOnly(form: Form, wanted: ReadonlySet<number>): Form {
  if (storesOf(form).every(({ value }) => wanted.has(value))) return form;
  const steps = form.steps.map((step) => ({
    ...step,
    stores: step.stores.filter(({ value }) => wanted.has(value)),
  }));
  return { ...form, steps: steps.filter(({ sums, stores }) => sums.length + stores.length > 0) };
}

// More than this for each element is not computed twice.
const cheapWork = 6;

/** `share`: how many of the bytes that are not read any more may be read of other values instead. */
function computedAnew(merging: Merging, { producer, reader, values }: Pair, share: number): Merged {
  const { units, bytesOf } = merging;
  const [from, into] = [producer.form, reader.form] as [Form, Form];
  if (producer.late && !reader.late) return refusal('it waits for the success of the run');
  let form = into;
  for (const value of values) {
    const stores = storesOf(from).filter((store) => store.value === value);
    if (workOf(stores.map(({ expression }) => expression)) > cheapWork)
      return refusal('it takes too long to be computed twice');
    const result = inlined(form, { producer: from, value, size: units.sizes(value) });
    if ('kind' in result) return result;
    form = result.form;
  }
  const known = new Set(loadsOf(into).map(({ buffer }) => buffer));
  const added = new Set(
    loadsOf(form)
      .map(({ buffer }) => buffer)
      .filter((buffer) => !known.has(buffer)),
  );
  const more = [...added].reduce((sum, value) => sum + bytesOf(value), 0);
  const saved = values.reduce((sum, value) => sum + bytesOf(value), 0);
  if (more > saved * share * 1.1) return refusal('computing it anew would read as much');
  const work = extraWork(merging, { from, into, values });
  if (work > (saved + kernelBytes / 4) * workPerByte)
    return refusal('it would be computed too often');
  if (reader.template && !finishForm(form, reader.result))
    return refusal('its elements do not go by the rows and columns of the template');
  const whole = sized(form);
  return whole.kind === 'one' ? { kind: 'anew', form } : whole;
}
