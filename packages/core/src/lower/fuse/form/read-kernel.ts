import type { Expression, Kernel, Statement } from '../../loop-ir.js';
import { along, nowhere } from './affine.js';
import { rewriter } from './expressions.js';
import { type Form, movedSteps, type Step, type Store, type Sum } from './form.js';

/** What is known about the values that a kernel is of. */
export interface KernelValues {
  /** By buffer. */
  readonly values: readonly number[];
  /** The number that every element of a value is, where that is known. */
  constant(value: number): number | bigint | undefined;
}

/** A kernel as a form; null where its loops are of another shape. */
export function readKernel(kernel: Kernel, given: KernelValues): Form | null {
  if (kernel.axes.some(({ extent }) => extent === 0)) return null;
  const nests = kernel.body.map((statement) => readNest(kernel, [statement]));
  const whole =
    nests.length === 1 ? nests[0] : (joined(kernel, nests) ?? readNest(kernel, kernel.body));
  return whole ? withoutUnits(named(whole, kernel, given)) : null;
}

interface Nest {
  readonly rows: readonly number[];
  readonly steps: readonly Step[];
}

function readNest({ axes, buffers }: Kernel, body: readonly Statement[]): Nest | null {
  const rows: number[] = [];
  let statements = body;
  for (;;) {
    const [only] = statements;
    if (statements.length !== 1 || only?.kind !== 'for' || axes[only.axis]?.role !== 'parallel')
      break;
    rows.push(only.axis);
    statements = only.body;
  }
  const stores: Store[] = [];
  const starts = new Map<number, Expression>();
  let sum: { axes: number[]; sums: Sum[] } | undefined;
  for (const statement of statements) {
    if (statement.kind === 'store') {
      const { dtype } = buffers[statement.buffer] as Kernel['buffers'][number];
      stores.push({
        value: statement.buffer,
        dtype,
        index: statement.index,
        expression: statement.value,
      });
    } else if (statement.kind === 'set' && !sum && stores.length === 0) {
      starts.set(statement.register, statement.value);
    } else if (statement.kind === 'for' && !sum && stores.length === 0) {
      const found = readSum(statement, starts);
      if (!found) return null;
      sum = found;
    } else {
      return null;
    }
  }
  if (stores.length === 0 || starts.size !== (sum?.sums.length ?? 0)) return null;
  const last: Step = { axes: [], sums: [], stores };
  return { rows, steps: sum ? [{ ...sum, stores: [] }, last] : [last] };
}

function readSum(loop: Statement, starts: ReadonlyMap<number, Expression>) {
  const axes: number[] = [];
  let statement = loop;
  while (statement.kind === 'for') {
    axes.push(statement.axis);
    const [only] = statement.body;
    if (statement.body.length !== 1 || !only) return null;
    statement = only;
  }
  if (statement.kind !== 'accumulate') return null;
  const { register, combine, value } = statement;
  const start = starts.get(register);
  return start ? { axes, sums: [{ register, combine, start, value }] } : null;
}

/** Nests of the same loops as one: what splits a tensor, or joins parts to one, passes all parts together. */
function joined({ axes }: Kernel, nests: readonly (Nest | null)[]): Nest | null {
  const [first] = nests;
  if (!first) return null;
  const extentsOf = ({ rows }: Nest) => rows.map((axis) => axes[axis]?.extent);
  const extents = extentsOf(first).join();
  const steps: Step[] = [];
  for (const nest of nests) {
    if (nest?.steps.length !== 1 || extentsOf(nest).join() !== extents) return null;
    const positions = axes.map((_, axis) => {
      const at = nest.rows.indexOf(axis);
      return at < 0 ? nowhere(axes.length) : along(first.rows[at] as number, axes.length);
    });
    steps.push(...movedSteps(nest.steps, { positions, axes: axes.length }, (axis) => [axis]));
  }
  const stores = steps.flatMap((step) => step.stores);
  return { rows: first.rows, steps: [{ axes: [], sums: [], stores }] };
}

/** With values in place of buffers, and numbers in place of what is known. */
function named({ rows, steps }: Nest, kernel: Kernel, { values, constant }: KernelValues): Form {
  const rewrite = rewriter((expression) => {
    if (expression.kind !== 'load') return undefined;
    const value = values[expression.buffer] as number;
    const known = expression.bounds.length === 0 ? constant(value) : undefined;
    const { dtype } = expression;
    if (known !== undefined) return { kind: 'const', dtype, value: known };
    return { ...expression, buffer: value };
  });
  return {
    extents: kernel.axes.map(({ extent }) => extent),
    rows,
    registers: kernel.registers,
    steps: steps.map((step) => ({
      ...step,
      sums: step.sums.map((sum) => ({ ...sum, value: rewrite(sum.value) })),
      stores: step.stores.map((store) => ({
        ...store,
        value: values[store.value] as number,
        expression: rewrite(store.expression),
      })),
    })),
  };
}

/** Without axes of one position, and without those that nothing loops over. */
function withoutUnits(form: Form): Form {
  const used = [...form.rows, ...form.steps.flatMap(({ axes }) => axes)];
  const kept = used.filter((axis) => form.extents[axis] !== 1);
  if (kept.length === form.extents.length) return form;
  const numbers = new Map(kept.map((axis, i) => [axis, i]));
  const positions = form.extents.map((_, axis) => {
    const number = numbers.get(axis);
    return number === undefined ? nowhere(kept.length) : along(number, kept.length);
  });
  const renumbered = (axis: number) => {
    const number = numbers.get(axis);
    return number === undefined ? [] : [number];
  };
  return {
    ...form,
    extents: kept.map((axis) => form.extents[axis] as number),
    rows: form.rows.flatMap(renumbered),
    steps: movedSteps(form.steps, { positions, axes: kept.length }, renumbered),
  };
}
