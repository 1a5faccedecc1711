import { bytesIn, type Code, seq, text, unsigned } from './code.js';
import { FunctionBuilder, typeCode, type ValueType } from './function.js';

export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const section = (id: number, rows: readonly Code[]): Code => {
  if (rows.length === 0) return [];
  const body = bytesIn([unsigned(rows.length), ...rows]);
  return [id, unsigned(body.length), body];
};

const functionKind = 0x00;
const memoryKind = 0x02;
const globalKind = 0x03;
const immutable = 0x00;

/** A module while it is written. Imports come before the first function. */
export class ModuleBuilder {
  private readonly types: Code[] = [];
  private readonly typeNumbers = new Map<string, number>();
  private readonly imports: Code[] = [];
  private readonly functions: { type: number; code: Code }[] = [];
  private readonly exports: Code[] = [];
  private imported = 0;
  private globals = 0;

  /** `shared` memories are seen by several threads. Sizes in pages of 64 KiB. */
  importMemory(
    module: string,
    name: string,
    { shared, most }: { shared: boolean; most: number },
  ): void {
    this.imports.push(
      seq(text(module), text(name), [memoryKind, shared ? 3 : 1], unsigned(0), unsigned(most)),
    );
  }

  importFunction(module: string, name: string, signature: Signature): number {
    const type = unsigned(this.type(signature));
    this.imports.push(seq(text(module), text(name), [functionKind], type));
    return this.imported++;
  }

  /** A constant that each instance is given; its index, for `globalValue`. */
  importGlobal(module: string, name: string, type: ValueType): number {
    this.imports.push(seq(text(module), text(name), [globalKind, typeCode[type], immutable]));
    return this.globals++;
  }

  /** Adds a function and gives its index. */
  add(signature: Signature, write: (f: FunctionBuilder) => Code): number {
    const f = new FunctionBuilder(signature.params);
    return this.addEncoded(signature, f.encode(write(f)));
  }

  /** Adds a function that a FunctionBuilder has encoded before. */
  addEncoded(signature: Signature, code: Code): number {
    return this.imported + this.functions.push({ type: this.type(signature), code }) - 1;
  }

  export(name: string, index: number): void {
    this.exports.push(seq(text(name), [functionKind], unsigned(index)));
  }

  encode(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(
      bytesIn([
        [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        section(1, this.types),
        section(2, this.imports),
        section(
          3,
          this.functions.map(({ type }) => unsigned(type)),
        ),
        section(7, this.exports),
        section(
          10,
          this.functions.map(({ code }) => code),
        ),
      ]),
    );
  }

  private type({ params, results }: Signature): number {
    const key = `${params}>${results}`;
    const known = this.typeNumbers.get(key);
    if (known !== undefined) return known;
    const list = (types: readonly ValueType[]) => [
      ...unsigned(types.length),
      ...types.map((type) => typeCode[type]),
    ];
    const number = this.types.push([0x60, ...list(params), ...list(results)]) - 1;
    this.typeNumbers.set(key, number);
    return number;
  }
}
