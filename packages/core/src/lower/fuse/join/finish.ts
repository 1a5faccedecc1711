import { along, layoutOf, nowhere } from '../form/affine.js';
import { collapseAxes } from '../form/collapse-axes.js';
import {
  elementsOf,
  type Form,
  isMap,
  movedSteps,
  rawResult,
  split,
  storesOf,
} from '../form/form.js';
import type { Unit } from '../units.js';
import { loadsOfValue } from './inline.js';

/**
 * The form as what becomes of each element of a template's result, over the axes [rows, columns]; null where it is not that:
 * its elements must be those of the result in some order, and everything it reads affine in row and column.
 */
export function finishForm(form: Form, result: Unit['result']): Form | null {
  const { columns } = result;
  if (!isMap(form)) return null;
  const raw = loadsOfValue(form, rawResult);
  const [first] = raw;
  const size = elementsOf(form.extents, form.rows);
  if (!first || size !== result.size) return null;
  if (raw.some(({ bounds }) => bounds.length > 0)) return null;
  const layout = layoutOf(first.index, { axes: form.rows, extents: form.extents, size });
  if (!layout) return null;
  const across = layout.axes.findIndex((_, i) => (layout.strides[i] as number) < columns);
  const axis = layout.axes[across];
  if (axis !== undefined) {
    const inner = columns / (layout.strides[across] as number);
    const extent = form.extents[axis] as number;
    if (extent > inner) {
      if (extent % inner !== 0) return null;
      return finishForm(split(form, axis, inner), result);
    }
  }
  return asTwoAxes(form, { layout: layout.axes, columns });
}

function asTwoAxes(
  form: Form,
  { layout, columns }: { layout: readonly number[]; columns: number },
): Form | null {
  const raw = loadsOfValue(form, rawResult)[0]?.index.strides ?? [];
  const isColumn = (axis: number) => (raw[axis] as number) < columns;
  const size = elementsOf(form.extents, form.rows);
  const rows = layout.filter((axis) => !isColumn(axis));
  const inside = layout.filter(isColumn);
  // The rows as the loops around, the columns as those of a step, so that they are not merged with each other.
  const [step] = form.steps as [Form['steps'][number]];
  const nested = collapseAxes({ ...form, rows, steps: [{ ...step, axes: inside }] });
  const own = nested.steps[0]?.axes as readonly number[];
  if (nested.rows.length > 1 || own.length > 1) return null;
  const positions = nested.extents.map(() => nowhere(2));
  const [row] = nested.rows;
  const [column] = own;
  if (row !== undefined) positions[row] = along(0, 2);
  if (column !== undefined) positions[column] = along(1, 2);
  const steps = movedSteps(nested.steps, { positions, axes: 2 }, () => []);
  const moved: Form = { ...form, extents: [size / columns, columns], rows: [0, 1], steps };
  return firstDense(moved, columns);
}

/** With a dense float32 output in front; null where there is none. */
function firstDense(form: Form, columns: number): Form | null {
  const stores = storesOf(form);
  const [rows] = form.extents as [number, number];
  const dense = stores.find(
    ({ dtype, index }) =>
      dtype === 'float32' &&
      index.offset === 0 &&
      (rows === 1 || index.strides[0] === columns) &&
      (columns === 1 || index.strides[1] === 1),
  );
  if (!dense) return null;
  const others = stores.filter((store) => store !== dense);
  const whole = { ...dense, index: { offset: 0, strides: [columns, 1] } };
  return { ...form, steps: [{ axes: [], sums: [], stores: [whole, ...others] }] };
}
