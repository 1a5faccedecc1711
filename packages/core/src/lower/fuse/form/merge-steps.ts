import { along } from './affine.js';
import { everyPart } from './expressions.js';
import { type Form, movedSteps, type Step } from './form.js';

/**
 * Steps that pass the same positions as one loop, where none needs what the other has to finish first. What is done once a
 * row comes last.
 */
export function mergeSteps(form: Form): Form {
  if (form.steps.length === 1) return form;
  const done: Step[] = [];
  const madeIn = new Map<number, number>();
  const sumIn = new Map<number, number>();
  for (const step of form.steps.filter(({ axes }) => axes.length > 0)) {
    const after = lastNeeded(step, { madeIn, sumIn });
    const place = done.findIndex((other, i) => i > after && samePositions(form, other, step));
    const at = place < 0 ? done.length : place;
    for (const { value } of step.stores) madeIn.set(value, at);
    for (const { register } of step.sums) sumIn.set(register, at);
    if (place < 0) done.push(step);
    else done[place] = together(form, done[place] as Step, step);
  }
  const once = form.steps.filter(({ axes }) => axes.length === 0);
  const last: Step = { axes: [], sums: [], stores: once.flatMap(({ stores }) => stores) };
  const sums = once.filter((step) => step.sums.length > 0);
  return { ...form, steps: [...done, ...sums, ...(last.stores.length > 0 ? [last] : [])] };
}

interface Made {
  /** By value: the step that stores it. */
  readonly madeIn: ReadonlyMap<number, number>;
  /** By register: the step that accumulates it. */
  readonly sumIn: ReadonlyMap<number, number>;
}

/** The last step that a step can not be one with; -1 for none. */
function lastNeeded({ sums, stores }: Step, { madeIn, sumIn }: Made): number {
  let last = -1;
  const roots = [...sums.map(({ value }) => value), ...stores.map(({ expression }) => expression)];
  for (const part of everyPart(roots)) {
    if (part.kind === 'register') last = Math.max(last, sumIn.get(part.register) ?? -1);
    if (part.kind === 'load') last = Math.max(last, madeIn.get(part.buffer) ?? -1);
  }
  return last;
}

const samePositions = ({ extents }: Form, a: Step, b: Step): boolean =>
  a.axes.length === b.axes.length &&
  a.axes.every((axis, i) => extents[axis] === extents[b.axes[i] as number]);

function together({ extents }: Form, into: Step, step: Step): Step {
  const axes = extents.length;
  const positions = extents.map((_, axis) => {
    const at = step.axes.indexOf(axis);
    return along(at < 0 ? axis : (into.axes[at] as number), axes);
  });
  const [moved] = movedSteps([step], { positions, axes }, () => []) as [Step];
  return {
    axes: into.axes,
    sums: [...into.sums, ...moved.sums],
    stores: [...into.stores, ...moved.stores],
  };
}
