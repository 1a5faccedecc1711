import type { Instruction } from '../program.js';
import { type Form, loadsOf, storesOf } from './form/form.js';

/** An instruction, or several that have become one. */
export interface Unit {
  readonly number: number;
  /** The last of the instructions: it can run where that could. */
  readonly instruction: Instruction;
  /** What its loops do; of a template, what becomes of each element of its result. Null where that is not known. */
  form: Form | null;
  readonly original: Form | null;
  /** The template that makes the elements. */
  template: Extract<Instruction, { kind: 'template' }> | null;
  /** Values that the template reads. */
  templateReads: readonly number[];
  /** Of a template's result: the size of its last axis, and how many elements it has. */
  result: { readonly columns: number; readonly size: number };
  /** Whether nothing but new values of variables comes of it. */
  late: boolean;
  /** The places of the instructions that are in it, in their order. */
  readonly parts: string[];
  /** Values that it reads. */
  reads: ReadonlySet<number>;
  makes: readonly number[];
}

/** Units with what runs before what. Values are numbered by the memory that they are in. */
export class Units {
  readonly all: Unit[] = [];
  readonly makerOf = new Map<number, Unit>();
  /** Values that are needed when the program has ended. */
  readonly kept: ReadonlySet<number>;
  readonly sizes: (value: number) => number;
  private readonly readers = new Map<number, Set<Unit>>();
  /** By unit: those that have to run later, as bits. */
  private readonly later: Uint32Array[] = [];
  private readonly words: number;
  private readonly gone = new Set<Unit>();
  private readonly after = new Map<Unit, Unit>();

  constructor({
    count,
    kept,
    sizes,
  }: {
    count: number;
    kept: ReadonlySet<number>;
    sizes: (value: number) => number;
  }) {
    this.words = (count + 31) >>> 5;
    this.kept = kept;
    this.sizes = sizes;
  }

  add(unit: Unit): void {
    this.all.push(unit);
    for (const value of unit.makes) this.makerOf.set(value, unit);
    for (const value of unit.reads) this.readersOf(value).add(unit);
  }

  /** What has an effect outside of the program keeps its order. */
  keepAfter(first: Unit, second: Unit): void {
    this.after.set(second, first);
  }

  /** Called when all units are there. */
  order(): void {
    for (const unit of this.all) this.later[unit.number] = new Uint32Array(this.words);
    for (const unit of [...this.all].reverse())
      for (const before of this.before(unit)) this.reach(before, unit);
  }

  readersOf(value: number): Set<Unit> {
    const known = this.readers.get(value);
    if (known) return known;
    const readers = new Set<Unit>();
    this.readers.set(value, readers);
    return readers;
  }

  /** Values with all that read them, where those are several, in their order. */
  shared(): (readonly [number, readonly Unit[]])[] {
    return [...this.readers]
      .filter(([, readers]) => readers.size > 1)
      .map(([value, readers]) => [value, [...readers].sort((a, b) => a.number - b.number)]);
  }

  /** Whether a value is needed by anything but one unit. */
  neededBeside(value: number, unit: Unit): boolean {
    if (this.kept.has(value)) return true;
    const readers = this.readersOf(value);
    return readers.size > 1 || (readers.size === 1 && !readers.has(unit));
  }

  /** Removes a unit that nothing is read of any more, and then those that it alone has read. */
  dropUnneeded(unit: Unit): void {
    const needed = (value: number) => this.kept.has(value) || this.readersOf(value).size > 0;
    if (this.gone.has(unit) || !unit.form || unit.makes.some(needed)) return;
    this.gone.add(unit);
    for (const value of unit.reads) {
      this.readersOf(value).delete(unit);
      const maker = this.makerOf.get(value);
      if (maker) this.dropUnneeded(maker);
    }
  }

  /** The units that are left, each after those that it needs. */
  inOrder(): Unit[] {
    const order: Unit[] = [];
    const done = new Set<Unit>(this.gone);
    const visit = (unit: Unit): void => {
      if (done.has(unit)) return;
      done.add(unit);
      for (const before of this.before(unit)) visit(before);
      order.push(unit);
    };
    for (const unit of this.all) visit(unit);
    return order;
  }

  isGone(unit: Unit): boolean {
    return this.gone.has(unit);
  }

  runsBefore(first: Unit, second: Unit): boolean {
    return this.has(this.later[first.number] as Uint32Array, second.number);
  }

  /** Whether something that needs the first must run before the second. */
  isBetween(first: Unit, second: Unit): boolean {
    for (const unit of this.next(first))
      if (unit !== second && this.runsBefore(unit, second)) return true;
    return false;
  }

  /** Gives a unit another form. */
  become(unit: Unit, form: Form): void {
    for (const value of unit.reads) this.readersOf(value).delete(unit);
    unit.form = form;
    unit.makes = [...new Set(storesOf(form).map(({ value }) => value))];
    unit.reads = readsOf(form, unit.templateReads);
    for (const value of unit.reads) this.readersOf(value).add(unit);
    for (const value of unit.makes) this.makerOf.set(value, unit);
  }

  /** Makes one unit a part of another. `kept`: whether others need something of it. */
  absorb(unit: Unit, part: Unit, kept: boolean): void {
    this.gone.add(part);
    for (const value of part.reads) this.readersOf(value).delete(part);
    unit.parts.unshift(...part.parts);
    if (part.template) {
      unit.template = part.template;
      unit.templateReads = part.templateReads;
      unit.result = part.result;
    }
    // What ran before the part runs before the unit already.
    if (kept) this.runsAs(unit, part);
  }

  /** What had to run after the part has to run after the unit. */
  private runsAs(unit: Unit, part: Unit): void {
    this.refresh(part);
    const [own, other] = [unit, part].map((one) => this.later[one.number]) as [
      Uint32Array,
      Uint32Array,
    ];
    const all = own.map((word, i) => word | (other[i] as number));
    this.clear(all, unit.number);
    this.clear(all, part.number);
    this.later[unit.number] = all;
    for (const one of this.all) {
      const bits = this.later[one.number] as Uint32Array;
      if (one === unit || this.gone.has(one)) continue;
      if (this.has(bits, unit.number) || this.has(bits, part.number)) {
        for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as number) | (all[i] as number);
        bits[unit.number >>> 5] = (bits[unit.number >>> 5] as number) | (1 << (unit.number & 31));
      }
    }
  }

  /** Units that must have run before one. */
  *before(unit: Unit): Iterable<Unit> {
    for (const value of unit.reads) {
      const maker = this.makerOf.get(value);
      if (maker && maker !== unit) yield maker;
    }
    const first = this.after.get(unit);
    if (first) yield first;
  }

  private *next(unit: Unit): Iterable<Unit> {
    for (const value of unit.makes) yield* this.readersOf(value);
    for (const [second, first] of this.after) if (first === unit) yield second;
  }

  /** What has been computed anew by a reader does not have to run before it any more. */
  private refresh(unit: Unit): void {
    (this.later[unit.number] as Uint32Array).fill(0);
    for (const after of this.next(unit)) this.reach(unit, after);
  }

  private reach(before: Unit, unit: Unit): void {
    const [bits, further] = [this.later[before.number], this.later[unit.number]] as [
      Uint32Array,
      Uint32Array,
    ];
    for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as number) | (further[i] as number);
    bits[unit.number >>> 5] = (bits[unit.number >>> 5] as number) | (1 << (unit.number & 31));
  }

  private has(bits: Uint32Array, number: number): boolean {
    return ((bits[number >>> 5] as number) & (1 << (number & 31))) !== 0;
  }

  private clear(bits: Uint32Array, number: number): void {
    bits[number >>> 5] = (bits[number >>> 5] as number) & ~(1 << (number & 31));
  }
}

/** The values that a unit of this form reads. */
function readsOf(form: Form, template: readonly number[]): Set<number> {
  const reads = new Set<number>(template);
  for (const { buffer } of loadsOf(form)) if (buffer >= 0) reads.add(buffer);
  return reads;
}
