import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { branchIf, type Local, loop } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i8x16, v128 } from '../encoder/simd.js';
import { loadFloats } from './floats.js';

/**
 * Most rows and columns of a tile of c: ten sums hide the latency of multiply-add. All loads of a step come before its
 * arithmetic: beside the sums, two vectors of b and two of a are all that registers have room for; four of five elements of a
 * are therefore loaded as one vector. With more it is slower by half.
 */
export const tileRows = 5;
export const tileColumns = 8;

/** Rows of a tile whose elements of a lie apart: each is loaded into all lanes of a register of its own. */
export const apartRows = 4;

/** How the operands of a tile lie in memory, in bytes. */
export interface TileShape {
  /** 1..5, or 1..4 where rows of a lie apart */
  readonly rows: number;
  /** 1..8 */
  readonly columns: number;
  /** From one row of a to the next. */
  readonly aRowBytes: number;
  /** From one depth to the next. */
  readonly aDepthBytes: number;
  readonly bDepthBytes: number;
  /** Whether b may be read in whole vectors, beyond the last column. */
  readonly padded: boolean;
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

const inAllLanes = (lane: number): number[] =>
  Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4));

/** The registers of tiles: locals that all tiles of a kernel share. */
export class TileRegisters {
  private readonly sums: readonly (readonly Local[])[];
  private readonly sides: readonly Local[];
  private readonly elements: readonly Local[];
  private readonly four: Local;
  private readonly a: Local;
  private readonly b: Local;
  private readonly end: Local;
  private readonly k: KernelFunction;

  constructor(k: KernelFunction) {
    const { f } = k;
    this.k = k;
    this.sums = Array.from({ length: tileRows }, () => [f.v128(), f.v128()]);
    this.sides = [f.v128(), f.v128()];
    this.elements = Array.from({ length: tileRows }, () => f.v128());
    this.four = f.v128();
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

  /** sums += a b */
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

  private step({ rows, columns, aRowBytes, padded }: TileShape): Code {
    const sides = this.sides.slice(0, Math.ceil(columns / 4));
    const loads = sides.map((side, v) =>
      side.set(loadFloats(this.b.get, padded ? 4 : columns - 4 * v, 16 * v)),
    );
    const products = sides.flatMap((side, v) =>
      this.sums.slice(0, rows).map((sums, row) => {
        const sum = sums[v] as Local;
        return sum.set(this.k.fma(side.get, (this.elements[row] as Local).get, sum.get));
      }),
    );
    return seq(...loads, this.loadElements(rows, aRowBytes), ...products);
  }

  private loadElements(rows: number, rowBytes: number): Code {
    const together = rows > apartRows ? 4 : 0;
    const four = this.four.get;
    const elements = this.elements
      .slice(0, rows)
      .map((element, row) =>
        element.set(
          row < together
            ? i8x16.shuffle(four, four, inAllLanes(row))
            : v128.load32Splat(this.a.get, row * rowBytes),
        ),
      );
    return seq(together ? this.four.set(v128.load(this.a.get)) : [], ...elements);
  }
}
