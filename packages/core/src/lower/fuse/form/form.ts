import type { DType } from '../../../graph/dtype.js';
import type { Affine, Combine, Expression } from '../../loop-ir.js';
import { along, substituted } from './affine.js';
import { everyPart, type Load, rewriter } from './expressions.js';

/**
 * A loop kernel while it is being fused. `buffer` of its loads is the number of a value. The rows are the loops around
 * everything; each step is a nest of loops inside of them, over axes of its own, or, without axes, done once a row.
 * The steps follow each other, and what they accumulate is read by later ones as registers.
 */
export interface Form {
  readonly extents: readonly number[];
  readonly rows: readonly number[];
  readonly steps: readonly Step[];
  readonly registers: readonly { readonly dtype: DType }[];
}

export interface Step {
  readonly axes: readonly number[];
  readonly sums: readonly Sum[];
  readonly stores: readonly Store[];
}

export interface Sum {
  readonly register: number;
  readonly combine: Combine;
  readonly start: Expression;
  readonly value: Expression;
}

export interface Store {
  readonly value: number;
  readonly dtype: DType;
  readonly index: Affine;
  readonly expression: Expression;
}

/** The number that loads of a template's element have in place of a value's. */
export const rawResult = -1;

/** Whether a number stands for memory of one row, which no other kernel sees. */
export const isRow = (value: number): boolean => value < rawResult;

/** Whether all a kernel does is elements that do not depend on each other. */
export const isMap = ({ steps }: Form): boolean =>
  steps.length === 1 && steps[0]?.axes.length === 0 && steps[0].sums.length === 0;

export function expressionsOf({ steps }: Form): Expression[] {
  const found: Expression[] = [];
  for (const { sums, stores } of steps) {
    for (const { value } of sums) found.push(value);
    for (const { expression } of stores) found.push(expression);
  }
  return found;
}

/** What an expression tree is asked for again and again while forms are tried on each other. */
interface Contents {
  readonly parts: number;
  readonly loads: readonly Load[];
}

const contents = new WeakMap<Form, Contents>();

function contentsOf(form: Form): Contents {
  const known = contents.get(form);
  if (known) return known;
  const parts = everyPart(expressionsOf(form));
  const loads: Load[] = [];
  for (const part of parts) if (part.kind === 'load') loads.push(part);
  const found = { parts: parts.size, loads };
  contents.set(form, found);
  return found;
}

export const loadsOf = (form: Form): readonly Load[] => contentsOf(form).loads;

/** How many expressions a form computes. */
export const partsOf = (form: Form): number => contentsOf(form).parts;

export const storesOf = ({ steps }: Form): readonly Store[] =>
  steps.length === 1 ? (steps[0] as Step).stores : steps.flatMap(({ stores }) => stores);

export const elementsOf = (extents: readonly number[], axes: readonly number[]): number =>
  axes.reduce((all, axis) => all * (extents[axis] as number), 1);

/** How often the expressions of a step are computed. */
export const turnsOf = ({ extents, rows }: Form, step: Step): number =>
  elementsOf(extents, [...rows, ...step.axes]);

/** Every expression of a form rewritten. */
export function mapForm(form: Form, rewrite: (expression: Expression) => Expression): Form {
  return {
    ...form,
    steps: form.steps.map((step) => ({
      ...step,
      sums: step.sums.map((sum) => ({ ...sum, value: rewrite(sum.value) })),
      stores: step.stores.map((store) => ({ ...store, expression: rewrite(store.expression) })),
    })),
  };
}

interface Move {
  /** The position along each axis so far, over the axes from now on. */
  readonly positions: readonly Affine[];
  readonly axes: number;
  /** Number that register 0 gets. */
  readonly register?: number;
}

/** Expressions over other axes, with other numbers of registers. */
export const mover = (move: Move) => rewriter((expression) => movedLeaf(expression, move));

function movedLeaf(
  expression: Expression,
  { positions, axes, register = 0 }: Move,
): Expression | undefined {
  switch (expression.kind) {
    case 'load':
      return {
        ...expression,
        index: substituted(expression.index, positions, axes),
        bounds: expression.bounds.map(({ index, size }) => ({
          index: substituted(index, positions, axes),
          size,
        })),
      };
    case 'index':
      return { ...expression, index: substituted(expression.index, positions, axes) };
    case 'register':
      return register === 0
        ? expression
        : { ...expression, register: expression.register + register };
    default:
      return undefined;
  }
}

/** Steps over other axes; `axesOf` says which stand for each of their own. */
export function movedSteps(
  steps: readonly Step[],
  move: Move,
  axesOf: (axis: number) => readonly number[],
): Step[] {
  const rewrite = mover(move);
  const shift = move.register ?? 0;
  return steps.map(({ axes, sums, stores }) => ({
    axes: axes.flatMap(axesOf),
    sums: sums.map((sum) => ({
      ...sum,
      register: sum.register + shift,
      value: rewrite(sum.value),
    })),
    stores: stores.map((store) => ({
      ...store,
      index: substituted(store.index, move.positions, move.axes),
      expression: rewrite(store.expression),
    })),
  }));
}

/** One axis as two: the outer keeps the number, the inner, of `inner` positions, follows it. */
export function split(form: Form, axis: number, inner: number): Form {
  const added = form.extents.length;
  const axes = added + 1;
  const positions = form.extents.map((_, a) => {
    const position = along(a, axes);
    if (a !== axis) return position;
    return {
      offset: 0,
      strides: position.strides.map((_, i) => (i === axis ? inner : i === added ? 1 : 0)),
    };
  });
  const both = (a: number) => (a === axis ? [axis, added] : [a]);
  return {
    extents: [...form.extents.map((extent, a) => (a === axis ? extent / inner : extent)), inner],
    rows: form.rows.flatMap(both),
    steps: movedSteps(form.steps, { positions, axes }, both),
    registers: form.registers,
  };
}
