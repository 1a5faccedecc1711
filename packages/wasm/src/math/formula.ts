import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local, ValueType } from '../encoder/function.js';

/** A formula in which parts that are needed again have names. */
export class Formula {
  private readonly f: FunctionBuilder;
  private readonly parts: Code[] = [];

  constructor(f: FunctionBuilder) {
    this.f = f;
  }

  /** Computes a part now; the code to read it as often as wanted. */
  part(type: ValueType, value: Code): Code {
    const local = this.f.local(type);
    this.parts.push(local.set(value));
    return local.get;
  }

  /** A part that statements may change. */
  variable(type: ValueType, value?: Code): Local {
    const local = this.f.local(type);
    if (value) this.parts.push(local.set(value));
    return local;
  }

  lanes(value: Code): Code {
    return this.part('v128', value);
  }

  double(value: Code): Code {
    return this.part('f64', value);
  }

  long(value: Code): Code {
    return this.part('i64', value);
  }

  word(value: Code): Code {
    return this.part('i32', value);
  }

  /** A statement between the parts. */
  statement(code: Code): void {
    this.parts.push(code);
  }

  /** The whole: the parts, and the value that is made of them. */
  equals(value: Code): Code {
    return seq(...this.parts, value);
  }
}
