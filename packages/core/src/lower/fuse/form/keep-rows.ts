import type { Affine, Expression } from '../../loop-ir.js';
import { along } from './affine.js';
import { everyPart, operandsOf, rewriter, workOf } from './expressions.js';
import { elementsOf, type Form, mover, type Step, type Store } from './form.js';
import { Sharing } from './share.js';

// What takes less is computed anew sooner than it is stored and loaded; rows that are longer leave the nearest cache.
const worthKeeping = 8;
const longestRow = 16384;

/** What a loop over a row computes at length and a later one would compute anew is kept in memory of that row. */
export function keepRows(form: Form): Form {
  const steps = [...form.steps];
  let next = -2;
  for (let first = 0; first < steps.length; first++) {
    for (let second = first + 1; second < steps.length; second++) {
      const [one, other] = [steps[first], steps[second]] as [Step, Step];
      if (!alike(form, one, other)) continue;
      const found = repeated(form, one, other);
      if (found.length === 0) continue;
      const rows = found.map((parts) => ({ ...parts, value: next-- }));
      const stores = rows.map(({ value, earlier }): Store => {
        return { value, dtype: earlier.dtype, index: placeInRow(form, one), expression: earlier };
      });
      steps[first] = { ...one, stores: [...one.stores, ...stores] };
      const index = placeInRow(form, other);
      const loads = new Map(rows.map(({ later, value }) => [later, loadOf(later, value, index)]));
      steps[second] = rewritten(other, (part) => loads.get(part));
    }
  }
  return { ...form, steps };
}

const loadOf = ({ dtype }: Expression, buffer: number, index: Affine): Expression => ({
  kind: 'load',
  buffer,
  dtype,
  index,
  bounds: [],
  otherwise: 0,
});

const alike = ({ extents }: Form, one: Step, other: Step): boolean =>
  one.axes.length > 0 &&
  one.axes.length === other.axes.length &&
  one.axes.every((axis, i) => extents[axis] === extents[other.axes[i] as number]) &&
  elementsOf(extents, one.axes) <= longestRow;

function placeInRow({ extents }: Form, { axes }: Step): Affine {
  const strides = new Array<number>(extents.length).fill(0);
  let stride = 1;
  for (const axis of [...axes].reverse()) {
    strides[axis] = stride;
    stride *= extents[axis] as number;
  }
  return { offset: 0, strides };
}

const rootsOf = ({ sums, stores }: Step): Expression[] => [
  ...sums.map(({ value }) => value),
  ...stores.map(({ expression }) => expression),
];

function rewritten(step: Step, leaf: (part: Expression) => Expression | undefined): Step {
  const rewrite = rewriter(leaf);
  return {
    ...step,
    sums: step.sums.map((sum) => ({ ...sum, value: rewrite(sum.value) })),
    stores: step.stores.map((store) => ({ ...store, expression: rewrite(store.expression) })),
  };
}

/** The largest parts of a later step that an earlier one computes at the same positions. */
function repeated(form: Form, one: Step, other: Step) {
  const sharing = new Sharing();
  const axes = form.extents.length;
  const positions = form.extents.map((_, axis) => {
    const at = other.axes.indexOf(axis);
    return along(at < 0 ? axis : (one.axes[at] as number), axes);
  });
  const move = mover({ positions, axes });
  const known = new Set([...everyPart(rootsOf(one))].map((part) => sharing.of(part)));
  const found: { earlier: Expression; later: Expression }[] = [];
  const seen = new Set<Expression>();
  const visit = (part: Expression): void => {
    if (seen.has(part)) return;
    seen.add(part);
    const same = sharing.of(move(part));
    if (known.has(same) && workOf([part]) > worthKeeping && movesAlong(part, other))
      found.push({ earlier: same, later: part });
    else for (const operand of operandsOf(part)) visit(operand);
  };
  for (const root of rootsOf(other)) visit(root);
  return found;
}

/** Whether a part differs along the row. */
const movesAlong = (part: Expression, { axes }: Step): boolean =>
  [...everyPart([part])].some(
    (one) =>
      (one.kind === 'load' || one.kind === 'index') &&
      axes.some((axis) => one.index.strides[axis] !== 0),
  );
