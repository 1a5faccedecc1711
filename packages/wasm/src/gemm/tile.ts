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

/** Rows of the tiles of a kernel: without fused multiply-add each product takes a register of its own. */
export const rowsOfTiles = ({ target }: KernelFunction): number =>
  target.relaxedSimd ? tileRows : tileRows - 1;

/** Rows of a tile of 8 columns that reads a where it is, not from panels: each element takes a register of its own. */
export const apartRows = 4;

const mostRows = 6;
const mostVectors = 3;

/** How the operands of a tile lie in memory, in bytes. */
export interface TileShape {
  /** Of panels up to 5 by 8; of matrices up to 4 by 8, 3 by 12 or 6 by 4. */
  readonly rows: number;
  readonly columns: number;
  /** From one row of a to the next. */
  readonly aRowBytes: number;
  /** From one depth to the next. */
  readonly aDepthBytes: number;
  readonly bDepthBytes: number;
  /** Whether they are panels: rows of a lie side by side, and b may be read in whole vectors, beyond the last column. */
  readonly packed: boolean;
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
    const vectors = (length: number) => Array.from({ length }, () => f.v128());
    this.sums = Array.from({ length: mostRows }, () => vectors(mostVectors));
    this.sides = vectors(mostVectors);
    this.elements = vectors(mostRows);
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

  private step(shape: TileShape): Code {
    const { rows, columns, packed } = shape;
    const sides = this.sides.slice(0, Math.ceil(columns / 4));
    const loads = sides.map((side, v) =>
      side.set(loadFloats(this.b.get, packed ? 4 : columns - 4 * v, 16 * v)),
    );
    const products = sides.flatMap((side, v) =>
      this.sums.slice(0, rows).map((sums, row) => {
        const sum = sums[v] as Local;
        return sum.set(this.k.fma(side.get, (this.elements[row] as Local).get, sum.get));
      }),
    );
    return seq(...loads, this.loadElements(shape), ...products);
  }

  private loadElements({ rows, aRowBytes, packed }: TileShape): Code {
    const together = packed && rows > 4 ? 4 : 0;
    const four = this.four.get;
    const elements = this.elements
      .slice(0, rows)
      .map((element, row) =>
        element.set(
          row < together
            ? i8x16.shuffle(four, four, inAllLanes(row))
            : v128.load32Splat(this.a.get, row * aRowBytes),
        ),
      );
    return seq(together ? this.four.set(v128.load(this.a.get)) : [], ...elements);
  }
}
