import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { branchIf, type Local, loop } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import type { Finish } from '../window/finish.js';

/** Rows of a tile of sums that, with `vectors` of four columns, fit into the registers. */
export const tileRows = (vectors: number): number => (vectors === 1 ? 6 : 4);

export const panelColumns = 8;

export interface TileShape {
  readonly rows: number;
  /** At most panelColumns. */
  readonly columns: number;
}

interface Factors {
  /** Addresses of a and b at the first step; they are moved on. */
  readonly a: Local;
  readonly b: Local;
  /** Bytes between rows of a, and between steps. */
  readonly rowA: number;
  readonly stepA: number;
  readonly stepB: number;
  readonly count: Code;
}

interface TileFinish {
  readonly row: Local;
  readonly column: Local;
  readonly finish: Finish;
}

/** A tile of sums of products in registers: `sum[i, j] += a[i, p] b[p, j]` over steps p. */
export class ProductTile {
  private readonly k: KernelFunction;
  private readonly sums: readonly Local[];
  private readonly factors: readonly Local[];
  private readonly splat: Local;
  private readonly end: Local;

  constructor(k: KernelFunction) {
    const vectors = (count: number) => Array.from({ length: count }, () => k.f.v128());
    this.k = k;
    this.sums = vectors(8);
    this.factors = vectors(2);
    this.splat = k.f.v128();
    this.end = k.f.i32();
  }

  clear(shape: TileShape): Code {
    return this.each(shape, (sum) => sum.set(f32x4.const(0)));
  }

  /** Reads the sums from rows that lie `rowBytes` apart. */
  load(shape: TileShape, at: Code, rowBytes: number): Code {
    return this.each(shape, (sum, place) =>
      sum.set(loadLanes(place.lanes, at, place.row * rowBytes + place.bytes)),
    );
  }

  store(shape: TileShape, at: Code, rowBytes: number): Code {
    return this.each(shape, (sum, { row, lanes, bytes }) =>
      storeLanes(lanes, { at, value: sum.get, offset: row * rowBytes + bytes }),
    );
  }

  /** Adds the sums to rows that lie `rowBytes` apart and may overlap. */
  addTo(shape: TileShape, at: Code, rowBytes: number): Code {
    return this.each(shape, (sum, { row, lanes, bytes }) => {
      const offset = row * rowBytes + bytes;
      return seq(
        sum.set(f32x4.add(loadLanes(lanes, at, offset), sum.get)),
        storeLanes(lanes, { at, value: sum.get, offset }),
      );
    });
  }

  /** Finishes sums that are complete. `row` and `column` are those of the first. */
  finish(shape: TileShape, { row, column, finish }: TileFinish): Code {
    const [r, c] = [this.k.f.i32(), this.k.f.i32()];
    return this.each(shape, (value, place) =>
      seq(
        r.set(i32.add(row.get, i32.const(place.row))),
        c.set(i32.add(column.get, i32.const(place.bytes / 4))),
        finish({ value, row: r, column: c, count: place.lanes }),
      ),
    );
  }

  /** Adds products; `count` is at least 1. Columns of b may be padded with anything where `padded`, else none is read beyond. */
  add(shape: TileShape, given: Factors & { readonly padded: boolean }): Code {
    const { a, b, rowA, stepA, stepB, count, padded } = given;
    const vectors = Math.ceil(shape.columns / 4);
    const factors = this.factors.slice(0, vectors);
    const loads = factors.map((factor, j) =>
      factor.set(loadLanes(padded ? 4 : shape.columns - 4 * j, b.get, 16 * j)),
    );
    const rows = Array.from({ length: shape.rows }, (_, i) =>
      seq(
        this.splat.set(v128.load32Splat(a.get, i * rowA)),
        ...factors.map((factor, j) => {
          const sum = this.sums[i * vectors + j] as Local;
          return sum.set(this.k.fma(this.splat.get, factor.get, sum.get));
        }),
      ),
    );
    return seq(
      this.end.set(i32.add(a.get, i32.mul(count, i32.const(stepA)))),
      loop(
        seq(
          ...loads,
          ...rows,
          b.increase(stepB),
          branchIf(i32.ne(a.tee(i32.add(a.get, i32.const(stepA))), this.end.get), 0),
        ),
      ),
    );
  }

  private each(
    { rows, columns }: TileShape,
    visit: (sum: Local, place: { row: number; bytes: number; lanes: number }) => Code,
  ): Code {
    const vectors = Math.ceil(columns / 4);
    const parts: Code[] = [];
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < vectors; j++) {
        const sum = this.sums[row * vectors + j] as Local;
        parts.push(visit(sum, { row, bytes: 16 * j, lanes: Math.min(4, columns - 4 * j) }));
      }
    }
    return seq(...parts);
  }
}

/** A vector of which only the first lanes are read; the others are 0. */
function loadLanes(lanes: number, at: Code, offset: number): Code {
  if (lanes >= 4) return v128.load(at, offset);
  if (lanes === 1) return v128.load32Zero(at, offset);
  const two = v128.load64Zero(at, offset);
  return lanes === 2 ? two : v128.load32Lane(2, at, two, offset + 8);
}

function storeLanes(
  lanes: number,
  { at, value, offset }: { at: Code; value: Code; offset: number },
): Code {
  if (lanes === 4) return v128.store(at, value, offset);
  if (lanes === 1) return v128.store32Lane(0, at, value, offset);
  const two = v128.store64Lane(0, at, value, offset);
  return lanes === 2 ? two : seq(two, v128.store32Lane(2, at, value, offset + 8));
}
