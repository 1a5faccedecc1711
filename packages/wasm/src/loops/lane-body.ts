import type { DType, Kernel, Statement } from '@tenon/core';
import { BodyValues, type KernelScope, type Lanes, oneLane } from '../emit/body-values.js';
import { storeValue } from '../emit/store.js';
import { getter, kindOf, typeOf, unmasked, type Value } from '../emit/value.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { accumulate, accumulated, foldLanes, identityValue, onlyFirst } from './combine.js';
import { copiesOf, vectorLoop } from './vector-loop.js';

/** A register that is summed up in the lanes of vectors, one for each copy of the body. */
export type Accumulator = readonly Local[];

interface Surroundings {
  /** What each copy of the body computes. */
  readonly lanes: readonly Lanes[];
  readonly before: ReadonlyMap<number, Value>;
  readonly registers: ReadonlyMap<number, Value>;
  readonly accumulators: ReadonlyMap<number, Accumulator>;
}

/** One element at a time, the same in every lane. */
export const oneElement: Surroundings = {
  lanes: [oneLane],
  before: new Map(),
  registers: new Map(),
  accumulators: new Map(),
};

type For = Extract<Statement, { kind: 'for' }>;
type Straight = Exclude<Statement, { kind: 'for' | 'barrier' }>;

/** Writes statements for one or several vectors of turns of a loop, or for a single element. */
export class LaneBody {
  private readonly scope: KernelScope;
  private readonly around: Surroundings;
  /** Of each copy. */
  private readonly registers: readonly Map<number, Value>[];

  constructor(scope: KernelScope, around: Surroundings) {
    this.scope = scope;
    this.around = around;
    this.registers = around.lanes.map(() => new Map(around.registers));
  }

  statements(body: readonly Statement[]): Code {
    const codes: Code[] = [];
    let straight: Straight[] = [];
    const flush = () => {
      if (straight.length > 0) codes.push(this.straight(straight));
      straight = [];
    };
    for (const statement of body) {
      if (statement.kind === 'barrier') continue;
      if (statement.kind !== 'for') {
        straight.push(statement);
        continue;
      }
      flush();
      codes.push(this.loop(statement));
    }
    flush();
    return seq(...codes);
  }

  private get inLanes(): boolean {
    return (this.around.lanes[0] as Lanes).axis >= 0;
  }

  /** Statements without loops: one copy after the other. */
  private straight(statements: readonly Straight[]): Code {
    const { scope, around, registers } = this;
    const repeated = scope.keys.repeated(statements);
    const copies = around.lanes.map((lanes, copy) => {
      const own = registers[copy] as Map<number, Value>;
      const values = new BodyValues(scope, lanes, {
        registers: (register) => own.get(register) as Value,
        repeated,
        before: around.before,
      });
      return seq(...statements.map((one) => this.statement(one, { lanes, copy, own, values })));
    });
    return seq(...copies);
  }

  private statement(statement: Straight, at: CopyOfBody): Code {
    const value = at.values.value(statement.value);
    switch (statement.kind) {
      case 'set':
        return this.set(statement.register, value, at.own);
      case 'store':
        return storeValue(this.scope, at.lanes, statement, value);
      case 'accumulate':
        return this.accumulate(statement, value, at);
    }
  }

  private set(register: number, value: Value, own: Map<number, Value>): Code {
    const { kind, code } = unmasked(value);
    const local = this.scope.k.f.local(typeOf(kind));
    own.set(register, getter(kind, local));
    return local.set(code);
  }

  private accumulate(
    { register, combine }: Extract<Straight, { kind: 'accumulate' }>,
    value: Value,
    { lanes, copy, own }: CopyOfBody,
  ): Code {
    const { k } = this.scope;
    const given = { combine, dtype: this.dtype(register) };
    const accumulator = this.around.accumulators.get(register);
    if (!accumulator || lanes.axis < 0)
      return accumulate(k, given, localOf(own.get(register) as Value), value);
    const masked =
      lanes.count === undefined
        ? value
        : onlyFirst(lanes.count, value, identityValue(combine, given.dtype));
    return accumulate(k, given, accumulator[copy] as Local, masked);
  }

  private dtype(register: number): DType {
    return accumulated((this.scope.kernel.registers[register] as { dtype: DType }).dtype);
  }

  private loop(loop: For): Code {
    const { scope, around } = this;
    const innermost = !loop.body.some(({ kind }) => kind === 'for');
    if (this.inLanes) return this.counted(loop, (inner) => this.statements(inner));
    const sums = summedIn(loop.body).filter(({ register }) => !around.accumulators.has(register));
    const fresh = scope.width === 4 ? sums : [];
    const copies = fresh.length > 0 ? copiesOf(scope, innermostOf(loop).body) : 1;
    const accumulators = new Map(around.accumulators);
    for (const { register } of fresh)
      accumulators.set(
        register,
        Array.from({ length: copies }, () => scope.k.f.v128()),
      );
    const own = this.registers[0] as Map<number, Value>;
    const inner = { ...around, registers: own, accumulators };
    const body = innermost
      ? laneLoop(scope, loop, inner)
      : this.counted(loop, (statements) => new LaneBody(scope, inner).statements(statements));
    return seq(
      ...fresh.map((sum) => this.begin(sum, accumulators)),
      body,
      ...fresh.map((sum) => this.end(sum, accumulators)),
    );
  }

  private begin(sum: Sum, accumulators: ReadonlyMap<number, Accumulator>): Code {
    const { code } = identityValue(sum.combine, this.dtype(sum.register));
    return seq(...(accumulators.get(sum.register) as Accumulator).map((local) => local.set(code)));
  }

  /** Combines the vectors of all copies, then their lanes, into the register. */
  private end({ register, combine }: Sum, accumulators: ReadonlyMap<number, Accumulator>): Code {
    const { k } = this.scope;
    const given = { combine, dtype: this.dtype(register) };
    const kind = kindOf(given.dtype);
    const vectors = [...(accumulators.get(register) as Accumulator)];
    const codes: Code[] = [];
    for (let half = vectors.length; half > 1; half >>= 1)
      for (let i = 0; i < half >> 1; i++)
        codes.push(
          accumulate(
            k,
            given,
            vectors[i] as Local,
            getter(kind, vectors[i + (half >> 1)] as Local),
          ),
        );
    const [first] = vectors as [Local];
    const target = localOf((this.registers[0] as Map<number, Value>).get(register) as Value);
    return seq(
      ...codes,
      foldLanes(k, given, first),
      accumulate(k, given, target, getter(kind, first)),
    );
  }

  /** A loop whose turns follow each other. */
  private counted({ axis, body }: For, write: (body: readonly Statement[]) => Code): Code {
    const { k, kernel, pointers, positions } = this.scope;
    const { extent } = kernel.axes[axis] as Kernel['axes'][number];
    const at = k.f.i32();
    positions.set(axis, at.get);
    const turn = seq(write(body), pointers.move(axis, 1), at.increase(1));
    return seq(
      at.set(i32.const(0)),
      k.f.while(i32.ltS(at.get, i32.const(extent)), turn),
      pointers.move(axis, -extent),
    );
  }
}

/** A loop with lanes along its axis. */
export function laneLoop(
  scope: KernelScope,
  { axis, body }: Omit<For, 'kind'>,
  around: Partial<Surroundings> & Pick<Parameters<typeof vectorLoop>[1], 'range'>,
): Code {
  const { registers = new Map(), accumulators = new Map(), range } = around;
  return vectorLoop(scope, {
    ...{ axis, body, registers, range },
    write: (lanes, before) =>
      new LaneBody(scope, { lanes, before, registers, accumulators }).statements(body),
  });
}

interface CopyOfBody {
  readonly lanes: Lanes;
  readonly copy: number;
  readonly own: Map<number, Value>;
  readonly values: BodyValues;
}

type Sum = Pick<Extract<Statement, { kind: 'accumulate' }>, 'register' | 'combine'>;

/** Registers that a body accumulates into and does not set itself. */
function summedIn(body: readonly Statement[]): Sum[] {
  const sums = new Map<number, Sum>();
  const set = new Set<number>();
  const visit = (statements: readonly Statement[]): void => {
    for (const one of statements) {
      if (one.kind === 'for') visit(one.body);
      else if (one.kind === 'set') set.add(one.register);
      else if (one.kind === 'accumulate') sums.set(one.register, one);
    }
  };
  visit(body);
  return [...sums.values()].filter(({ register }) => !set.has(register));
}

const innermostOf = (loop: For): For => {
  const inner = loop.body.find((one): one is For => one.kind === 'for');
  return inner ? innermostOf(inner) : loop;
};

/** A register's value is the reading of a local; the same local is written. */
function localOf({ code }: Value): { get: Code; set(value: Code): Code } {
  const [, ...index] = code;
  return { get: code, set: (value) => seq(value, [0x21, ...index]) };
}
