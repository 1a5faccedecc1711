import type { Affine, Buffer, Kernel, Statement } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { bytesOf } from './element.js';
import { expressionsOf, parts } from './expression-keys.js';

/** An address as a local and a constant that loads and stores take as an immediate. */
export interface Address {
  readonly base: Code;
  readonly offset: number;
}

interface Pointer {
  readonly local: Local;
  readonly strides: readonly number[];
  readonly bytes: number;
}

interface Access {
  readonly buffer: number;
  readonly index: Affine;
}

/** Every place of memory that statements touch. */
export function accessesOf(statements: readonly Statement[]): Access[] {
  const loads = [...parts(expressionsOf(statements))].filter((part) => part.kind === 'load');
  const stores = statements.flatMap(function storesOf(one): Access[] {
    if (one.kind === 'for') return one.body.flatMap(storesOf);
    return one.kind === 'store' ? [one] : [];
  });
  return [...loads, ...stores];
}

/**
 * A pointer for every way in which a kernel walks a buffer. Loops move the pointers that depend on their axis, so nothing
 * is multiplied inside.
 */
export class Pointers {
  private readonly f: FunctionBuilder;
  private readonly buffers: readonly Buffer[];
  private readonly bases: readonly Local[];
  private readonly table = new Map<
    string,
    Pointer & { readonly buffer: number; readonly at: number }
  >();

  constructor(f: FunctionBuilder, kernel: Kernel, bases: readonly Local[]) {
    this.f = f;
    this.buffers = kernel.buffers;
    this.bases = bases;
    for (const access of accessesOf(kernel.body)) this.pointer(access);
  }

  address(access: Access): Address {
    const pointer = this.pointer(access);
    const offset = (access.index.offset - pointer.at) * pointer.bytes;
    return { base: pointer.local.get, offset };
  }

  /** Bytes between elements along an axis. */
  stride({ buffer, index }: Access, axis: number): number {
    return (index.strides[axis] as number) * this.bytes(buffer);
  }

  /** Sets all pointers to the first element, moved by positions along axes. */
  start(positions: ReadonlyMap<number, Code>): Code {
    return seq(
      ...[...this.table.values()].map(({ local, strides, bytes, buffer, at }) => {
        let code = (this.bases[buffer] as Local).get;
        if (at !== 0) code = i32.add(code, i32.const(at * bytes));
        for (const [axis, position] of positions) {
          const step = (strides[axis] as number) * bytes;
          if (step !== 0) code = i32.add(code, i32.mul(position, i32.const(step)));
        }
        return local.set(code);
      }),
    );
  }

  /** Moves pointers on along an axis, by constant or computed steps, and back. */
  move(axis: number, by: number | Code): Code {
    return this.each(axis, (step) =>
      typeof by === 'number' ? i32.const(by * step) : i32.mul(by, i32.const(step)),
    );
  }

  private each(axis: number, distance: (step: number) => Code): Code {
    const moved = [...this.table.values()].filter(({ strides }) => strides[axis] !== 0);
    return seq(
      ...moved.map(({ local, strides, bytes }) =>
        local.set(i32.add(local.get, distance((strides[axis] as number) * bytes))),
      ),
    );
  }

  /** Keeps the pointers that depend on an axis, to be set back to where they were. */
  saved(axis: number): { save: Code; restore: Code } {
    const moved = [...this.table.values()].filter(({ strides }) => strides[axis] !== 0);
    const copies = moved.map(() => this.f.i32());
    return {
      save: seq(...moved.map(({ local }, i) => (copies[i] as Local).set(local.get))),
      restore: seq(...moved.map(({ local }, i) => local.set((copies[i] as Local).get))),
    };
  }

  private bytes(buffer: number): number {
    return bytesOf((this.buffers[buffer] as Buffer).dtype);
  }

  private pointer({ buffer, index }: Access) {
    // Offsets become immediates, which may not be negative and must not reach over the end of the memory.
    const direct = index.offset >= 0 && index.strides.every((stride) => stride >= 0);
    const at = direct ? 0 : index.offset;
    const key = `${buffer} ${index.strides} ${at}`;
    const known = this.table.get(key);
    if (known) return known;
    const pointer = {
      buffer,
      at,
      local: this.f.i32(),
      strides: index.strides,
      bytes: this.bytes(buffer),
    };
    this.table.set(key, pointer);
    return pointer;
  }
}
