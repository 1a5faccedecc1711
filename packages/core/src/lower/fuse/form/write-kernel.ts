import type { DType } from '../../../graph/dtype.js';
import { nest } from '../../kernel-builder.js';
import type {
  Affine,
  Axis,
  Buffer,
  Expression,
  Kernel,
  Register,
  Statement,
} from '../../loop-ir.js';
import { collapseAxes } from './collapse-axes.js';
import { everyPart, loadsIn, operandsOf, rewriter } from './expressions.js';
import {
  elementsOf,
  expressionsOf,
  type Form,
  isRow,
  mapForm,
  rawResult,
  type Step,
  type Store,
} from './form.js';
import { keepRows } from './keep-rows.js';
import { mergeSteps } from './merge-steps.js';
import { Sharing } from './share.js';

/** A value as a buffer. */
export interface Operand {
  readonly value: number;
  readonly dtype: DType;
}

export interface Written {
  readonly kernel: Kernel;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
}

/** A form as a kernel. Forms that do the same give kernels that are equal, whatever their values are numbered. */
export function writeKernel(form: Form): Written {
  return new Writer(keepRows(collapseAxes(mergeSteps(collapseAxes(form))))).kernel();
}

/** What becomes of a template's elements, over [rows, columns], as the body of a kernel whose register 0 holds the element. */
export function writeFinish(form: Form): Written {
  return new Writer(form).finish();
}

type Held = Extract<Expression, { kind: 'register' }>;

const rawRegister = (dtype: DType): Held => ({ kind: 'register', register: 0, dtype });

class Writer {
  private readonly form: Form;
  private readonly registers: Register[] = [];
  /** Expressions that are in a register, while they are. */
  private held = new Map<Expression, Held>();
  private readonly sums = new Map<number, number>();
  private readonly rowAxes: number;

  constructor(form: Form) {
    const sharing = new Sharing();
    this.form = mapForm(form, (expression) => sharing.of(expression));
    this.rowAxes = form.rows.length;
  }

  finish(): Written {
    const { form } = this;
    for (const load of loadsIn(expressionsOf(form)))
      if (load.buffer === rawResult) this.held.set(load, rawRegister(load.dtype));
    this.registers.push({ dtype: 'float32' });
    const body = form.steps.flatMap((step) => this.statements(step));
    const axes = form.extents.map((extent): Axis => ({ extent, role: 'parallel' }));
    return bound(form, { axes, registers: this.registers, body });
  }

  kernel(): Written {
    const { form } = this;
    const body = form.steps.flatMap((step) => this.step(step));
    const reduced = new Set(form.steps.flatMap(({ axes, sums }) => (sums.length > 0 ? axes : [])));
    return bound(form, {
      axes: form.extents.map((extent, axis) => ({
        extent,
        role: reduced.has(axis) ? 'reduce' : 'parallel',
      })),
      registers: this.registers,
      body: nest(form.rows, body),
    });
  }

  private step(step: Step): Statement[] {
    const starts = step.sums.map(({ register, start }): Statement => {
      const number = this.registers.push(this.form.registers[register] as Register) - 1;
      this.sums.set(register, number);
      return { kind: 'set', register: number, value: start };
    });
    if (step.axes.length === 0) return [...starts, ...this.statements(step)];
    const before = this.onceForRow(step);
    const outside = this.held;
    this.held = new Map(outside);
    const inside = this.statements(step);
    this.held = outside;
    return [...before, ...starts, ...nest(step.axes, inside)];
  }

  /** What a loop would compute anew although it is the same for a whole row. */
  private onceForRow({ sums, stores }: Step): Statement[] {
    const roots = [...sums.map(({ value }) => value), ...stores.map((one) => one.expression)];
    const parts = everyPart(roots);
    const same = new Set<Expression>();
    for (const part of parts) if (this.isOfRow(part, same)) same.add(part);
    const needed = new Set<Expression>();
    for (const root of roots) if (same.has(root)) needed.add(root);
    for (const part of parts)
      if (!same.has(part))
        for (const operand of operandsOf(part)) if (same.has(operand)) needed.add(operand);
    return [...needed]
      .filter((part) => operandsOf(part).length > 0 && !this.held.has(part))
      .map((part) => this.hold(part));
  }

  private isOfRow(part: Expression, same: ReadonlySet<Expression>): boolean {
    if (part.kind === 'index') return this.staysInRow(part.index);
    if (part.kind === 'load')
      return (
        this.staysInRow(part.index) && part.bounds.every(({ index }) => this.staysInRow(index))
      );
    return operandsOf(part).every((operand) => same.has(operand));
  }

  private staysInRow({ strides }: Affine): boolean {
    return strides.every((stride, axis) => stride === 0 || axis < this.rowAxes);
  }

  /** Computes an expression into a register, from which it is read from now on. */
  private hold(part: Expression): Statement {
    const value = this.written(part);
    const register = this.registers.push({ dtype: part.dtype }) - 1;
    this.held.set(part, { kind: 'register', register, dtype: part.dtype });
    return { kind: 'set', register, value };
  }

  /** The body of a loop: what is used twice, then what is accumulated and stored. */
  private statements({ sums, stores }: Step): Statement[] {
    const body: Statement[] = [];
    const roots = [...sums.map(({ value }) => value), ...stores.map((one) => one.expression)];
    // Everything is loaded before anything is stored, so that results may take the place of operands.
    const apart = new Set(stores.slice(1).map(({ expression }) => expression));
    for (const part of this.inOrder(roots, apart)) body.push(this.hold(part));
    for (const { register, combine, value } of sums) {
      const target = this.sums.get(register) as number;
      body.push({ kind: 'accumulate', register: target, combine, value: this.written(value) });
    }
    for (const { value, index, expression } of stores)
      body.push({ kind: 'store', buffer: value, index, value: this.written(expression) });
    return body;
  }

  /** Expressions that need a register, operands first. */
  private inOrder(roots: readonly Expression[], apart: ReadonlySet<Expression>): Expression[] {
    const uses = new Map<Expression, number>();
    const order: Expression[] = [];
    const visit = (part: Expression): void => {
      const count = (uses.get(part) ?? 0) + 1;
      uses.set(part, count);
      if (count > 1 || this.held.has(part)) return;
      for (const operand of operandsOf(part)) visit(operand);
      order.push(part);
    };
    for (const root of roots) visit(root);
    const cheap = (part: Expression) =>
      part.kind === 'const' || part.kind === 'index' || part.kind === 'register';
    return order.filter(
      (part) =>
        !cheap(part) && !this.held.has(part) && ((uses.get(part) as number) > 1 || apart.has(part)),
    );
  }

  /** As it is written down: registers in place of what they hold. */
  private written(expression: Expression): Expression {
    return rewriter((part) => {
      const held = this.held.get(part);
      if (held) return held;
      if (part.kind !== 'register') return undefined;
      return { ...part, register: this.sums.get(part.register) as number };
    })(expression);
  }
}

type Unbound = Omit<Kernel, 'buffers'>;

/** Numbers the buffers: inputs in the order in which they are read, then outputs, then those of rows. */
function bound(form: Form, { axes, registers, body }: Unbound): Written {
  const stores = form.steps.flatMap((step) => step.stores.map((store) => ({ step, store })));
  const made = new Map<number, Store>(stores.map(({ store }) => [store.value, store]));
  const inputs = new Map<string, Operand>();
  const inputKey = ({ value, dtype }: Operand) => `${value} ${dtype}`;
  everyStatement(body, (expression) => {
    if (expression.kind !== 'load' || made.has(expression.buffer)) return;
    const operand = { value: expression.buffer, dtype: expression.dtype };
    inputs.set(inputKey(operand), operand);
  });
  const outputs = [...made.values()].filter(({ value }) => !isRow(value));
  const rows = stores.filter(({ store }) => isRow(store.value));
  const numbers = new Map<string, number>([...inputs.keys()].map((key, i) => [key, i]));
  const own = new Map<number, number>();
  [...outputs, ...rows.map(({ store }) => store)].forEach(({ value }, i) => {
    own.set(value, inputs.size + i);
  });
  const number = (operand: Operand): number =>
    own.get(operand.value) ?? (numbers.get(inputKey(operand)) as number);
  const rewrite = rewriter((part) =>
    part.kind === 'load'
      ? { ...part, buffer: number({ value: part.buffer, dtype: part.dtype }) }
      : undefined,
  );
  const renumber = (statement: Statement): Statement => {
    if (statement.kind === 'for') return { ...statement, body: statement.body.map(renumber) };
    if (statement.kind === 'barrier') return statement;
    const value = rewrite(statement.value);
    if (statement.kind !== 'store') return { ...statement, value };
    return { ...statement, value, buffer: own.get(statement.buffer) as number };
  };
  const buffers: Buffer[] = [
    ...[...inputs.values()].map(({ dtype }): Buffer => ({ dtype, access: 'read' })),
    ...outputs.map(({ dtype }): Buffer => ({ dtype, access: 'write' })),
    ...rows.map(
      ({ store, step }): Buffer => ({
        dtype: store.dtype,
        access: 'row',
        elements: elementsOf(form.extents, step.axes),
      }),
    ),
  ];
  return {
    kernel: { axes, buffers, registers, body: body.map(renumber) },
    inputs: [...inputs.values()],
    outputs: outputs.map(({ value, dtype }) => ({ value, dtype })),
  };
}

function everyStatement(body: readonly Statement[], visit: (expression: Expression) => void): void {
  for (const statement of body) {
    if (statement.kind === 'for') everyStatement(statement.body, visit);
    else if (statement.kind !== 'barrier')
      for (const part of everyPart([statement.value])) visit(part);
  }
}
