import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { branchIf, type Local, loop } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';

/**
 * Rows and columns of a tile of c: eight sums, two vectors of b and four elements of a, each in all lanes, are 14 registers,
 * as all loads of a step come before its arithmetic. With more it is slower by half.
 */
export const tileRows = 4;
export const tileColumns = 8;

/** How the operands of a tile lie in memory, in bytes. */
export interface TileShape {
  /** 1..4 */
  readonly rows: number;
  /** 1..8 */
  readonly columns: number;
  /** From one row of a to the next. */
  readonly aRowBytes: number;
  /** From one depth to the next. */
  readonly aDepthBytes: number;
  readonly bDepthBytes: number;
}

/** A vector of sums of a tile. */
export interface Cell {
  readonly sum: Local;
  readonly row: number;
  readonly column: number;
  /** How many of its lanes lie in the tile. */
  readonly count: number;
}

/** Where a tile's operands begin, and how many steps its sums have: at least 1. */
interface Operands {
  readonly a: Code;
  readonly b: Code;
  readonly depth: Code;
}

/** The registers of tiles: locals that all tiles of a kernel share. */
export class TileRegisters {
  private readonly sums: readonly (readonly Local[])[];
  private readonly sides: readonly Local[];
  private readonly element: Local;
  private readonly a: Local;
  private readonly b: Local;
  private readonly end: Local;
  private readonly k: KernelFunction;

  constructor(k: KernelFunction) {
    const { f } = k;
    this.k = k;
    this.sums = Array.from({ length: tileRows }, () => [f.v128(), f.v128()]);
    this.sides = [f.v128(), f.v128()];
    this.element = f.v128();
    [this.a, this.b, this.end] = [f.i32(), f.i32(), f.i32()];
  }

  cells({ rows, columns }: Pick<TileShape, 'rows' | 'columns'>): Cell[] {
    return this.sums.slice(0, rows).flatMap((sums, row) =>
      sums.slice(0, Math.ceil(columns / 4)).map((sum, v) => {
        const column = 4 * v;
        return { sum, row, column, count: Math.min(4, columns - column) };
      }),
    );
  }

  clear(shape: Pick<TileShape, 'rows' | 'columns'>): Code {
    return seq(...this.cells(shape).map(({ sum }) => sum.set(f32x4.const(0))));
  }

  /** sums += a b. Of b whole vectors are read. */
  multiply(shape: TileShape, { a, b, depth }: Operands): Code {
    const body = seq(
      this.step(shape),
      this.a.increase(shape.aDepthBytes),
      this.b.increase(shape.bDepthBytes),
      branchIf(i32.ne(this.b.get, this.end.get), 0),
    );
    return seq(
      this.a.set(a),
      this.b.set(b),
      this.end.set(i32.add(this.b.get, i32.mul(depth, i32.const(shape.bDepthBytes)))),
      loop(body),
    );
  }

  private step({ rows, columns, aRowBytes }: TileShape): Code {
    const sides = this.sides.slice(0, Math.ceil(columns / 4));
    const { element } = this;
    const products = this.sums.slice(0, rows).map((sums, row) => {
      const add = sides.map((side, v) => {
        const sum = sums[v] as Local;
        return sum.set(this.k.fma(element.get, side.get, sum.get));
      });
      return seq(element.set(v128.load32Splat(this.a.get, row * aRowBytes)), ...add);
    });
    return seq(...sides.map((side, v) => side.set(v128.load(this.b.get, 16 * v))), ...products);
  }
}
