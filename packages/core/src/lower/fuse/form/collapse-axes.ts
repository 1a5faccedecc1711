import { longestInside, shortLoop } from '../../kernel-builder.js';
import type { Affine } from '../../loop-ir.js';
import { nowhere } from './affine.js';
import { everyPart } from './expressions.js';
import { expressionsOf, type Form, isMap, movedSteps, storesOf } from './form.js';

/** The form with as few axes as its indices allow, numbered in the order of their loops. */
export function collapseAxes(form: Form): Form {
  const indices = indicesOf(form);
  const rows = isMap(form) ? inMemoryOrder(form) : form.rows;
  const lists = [rows, ...form.steps.map(({ axes }) => axes)];
  const groups = lists.map((axes) => grouped(axes, form.extents, indices));
  const row = groups[0] as Group[];
  // Where elements are independent, the longest loop comes innermost if the last is short.
  const extents = row.map(({ extent }) => extent);
  const order = isMap(form) && (extents.at(-1) ?? shortLoop) < shortLoop;
  groups[0] = order ? longestInside(extents).map((i) => row[i] as Group) : row;
  return renumbered(form, groups);
}

/** The indices of everything that is loaded, stored or counted. */
function indicesOf(form: Form): Affine[] {
  const indices = storesOf(form).map(({ index }) => index);
  for (const part of everyPart(expressionsOf(form))) {
    if (part.kind === 'index') indices.push(part.index);
    if (part.kind !== 'load') continue;
    indices.push(part.index);
    for (const bound of part.bounds) indices.push(bound.index);
  }
  return indices;
}

/** Axes in the order in which the first result lies in memory. */
function inMemoryOrder(form: Form): number[] {
  const strides = storesOf(form)[0]?.index.strides ?? [];
  const distance = (axis: number) => Math.abs(strides[axis] ?? 0);
  return [...form.rows].sort((a, b) => distance(b) - distance(a));
}

/** Axes that become one: the position along each is `position / below % extent`. */
interface Group {
  extent: number;
  readonly axes: number[];
}

function grouped(
  axes: readonly number[],
  extents: readonly number[],
  indices: readonly Affine[],
): Group[] {
  const groups: Group[] = [];
  for (const axis of axes) {
    const extent = extents[axis] as number;
    const last = groups.at(-1);
    const before = last?.axes.at(-1) ?? -1;
    const joins =
      last !== undefined &&
      indices.every(({ strides }) => strides[before] === (strides[axis] as number) * extent);
    if (last && joins) {
      last.axes.push(axis);
      last.extent *= extent;
    } else {
      groups.push({ extent, axes: [axis] });
    }
  }
  return groups;
}

function renumbered(form: Form, groups: readonly (readonly Group[])[]): Form {
  const flat = groups.flat();
  const axes = flat.length;
  const numbers = new Map(flat.map((group, i) => [group.axes[0] as number, i]));
  const positions = form.extents.map(() => nowhere(axes));
  flat.forEach((group, number) => {
    // The strides of the last axis are those of all together; the others add nothing.
    const last = group.axes.at(-1) as number;
    const strides = new Array<number>(axes).fill(0);
    strides[number] = 1;
    positions[last] = { offset: 0, strides };
  });
  const first = (axis: number): number[] => {
    const number = numbers.get(axis);
    return number === undefined ? [] : [number];
  };
  const [rows] = groups as [Group[]];
  return {
    extents: flat.map(({ extent }) => extent),
    rows: rows.flatMap((group) => first(group.axes[0] as number)),
    steps: movedSteps(form.steps, { positions, axes }, first),
    registers: form.registers,
  };
}
