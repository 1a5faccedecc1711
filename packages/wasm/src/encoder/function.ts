import { bytesIn, type Code, seq, unsigned } from './code.js';
import { i32 } from './scalar.js';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export const typeCode = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
} satisfies Record<ValueType, number>;

/** A parameter or local variable of a function. */
export class Local {
  readonly index: number;
  readonly type: ValueType;
  readonly get: Code;

  constructor(index: number, type: ValueType) {
    this.index = index;
    this.type = type;
    this.get = [0x20, ...unsigned(index)];
  }

  set(value: Code): Code {
    return seq(value, [0x21, ...unsigned(this.index)]);
  }

  /** Sets, and leaves the value on the stack. */
  tee(value: Code): Code {
    return seq(value, [0x22, ...unsigned(this.index)]);
  }

  /** Adds a constant to an i32. */
  increase(by: number): Code {
    return this.set(i32.add(this.get, i32.const(by)));
  }
}

const empty = 0x40;
const end = 0x0b;

export const block = (body: Code): Code => seq([0x02, empty], body, [end]);
/** A branch to depth 0 inside of the body starts it again. */
export const loop = (body: Code): Code => seq([0x03, empty], body, [end]);
export const when = (condition: Code, then: Code, otherwise?: Code): Code =>
  seq(condition, [0x04, empty], then, otherwise ? seq([0x05], otherwise) : [], [end]);
/** One of two values; both are computed. */
export const choose = (condition: Code, whenTrue: Code, whenFalse: Code): Code =>
  seq(whenTrue, whenFalse, condition, [0x1b]);
/** One of two values; only that one is computed. */
export const either = (type: ValueType, condition: Code, whenTrue: Code, whenFalse: Code): Code =>
  seq(condition, [0x04, typeCode[type]], whenTrue, [0x05], whenFalse, [end]);
export const branch = (depth: number): Code => [0x0c, ...unsigned(depth)];
export const branchIf = (condition: Code, depth: number): Code =>
  seq(condition, [0x0d, ...unsigned(depth)]);
export const drop = (value: Code): Code => seq(value, [0x1a]);
export const leave: Code = [0x0f];
export const callFunction = (index: number, ...args: readonly Code[]): Code =>
  seq(...args, [0x10, ...unsigned(index)]);
export const globalValue = (index: number): Code => [0x23, ...unsigned(index)];
export const memoryCopy = (to: Code, from: Code, bytes: Code): Code =>
  seq(to, from, bytes, [0xfc, 0x0a, 0, 0]);
export const memoryFill = (to: Code, byte: Code, bytes: Code): Code =>
  seq(to, byte, bytes, [0xfc, 0x0b, 0]);

interface Counting {
  readonly from?: Code;
  readonly to: Code;
  readonly step?: number;
}

/** A function while it is written: its parameters and locals, and loops that count. */
export class FunctionBuilder {
  readonly params: readonly Local[];
  private readonly locals: Local[] = [];

  constructor(params: readonly ValueType[]) {
    this.params = params.map((type, index) => new Local(index, type));
  }

  local(type: ValueType): Local {
    const local = new Local(this.params.length + this.locals.length, type);
    this.locals.push(local);
    return local;
  }

  i32(): Local {
    return this.local('i32');
  }

  v128(): Local {
    return this.local('v128');
  }

  /** `for (i = from; i < to; i += step) body(i)`; `to` is evaluated before every turn. */
  for({ from = i32.const(0), to, step = 1 }: Counting, body: (i: Local) => Code): Code {
    const i = this.i32();
    return seq(i.set(from), this.while(i32.ltS(i.get, to), seq(body(i), i.increase(step))));
  }

  /** A loop that is entered only if the condition holds, and tested at its end. */
  while(condition: Code, body: Code): Code {
    return when(condition, loop(seq(body, branchIf(condition, 0))));
  }

  /** The function's declaration of locals and its code, as the code section holds it. */
  encode(body: Code): Code {
    const groups: { type: ValueType; count: number }[] = [];
    for (const { type } of this.locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    const declared = groups.flatMap(({ type, count }) => [...unsigned(count), typeCode[type]]);
    const bytes = bytesIn([[...unsigned(groups.length), ...declared], body, [end]]);
    return [unsigned(bytes.length), bytes];
  }
}
