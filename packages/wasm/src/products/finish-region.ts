import { type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { loadFloats, storeFloats } from '../gemm/floats.js';
import type { Product } from './product.js';

/** Rows and columns of c; columns begin at a multiple of 4, and end at one or at the last column. */
export interface Region {
  readonly row: Code;
  readonly rowEnd: Code;
  readonly column: Code;
  readonly columnEnd: Code;
}

/** Finishes elements that c holds already. */
export function finishRegion(f: FunctionBuilder, product: Product, region: Region): Code {
  const { c, n, finish } = product;
  if (!finish) return [];
  const [row, rowEnd, column, columnEnd] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [at, value, rest] = [f.i32(), f.v128(), n % 4];
  const vector = (count: number): Code =>
    seq(
      value.set(loadFloats(at.get, count)),
      finish({ value, row, column, count }),
      storeFloats({ address: at.get, count }, value),
    );
  const firstColumn = i32.add(i32.mul(row.get, i32.const(n)), column.get);
  const isWhole = i32.leS(i32.add(column.get, i32.const(4)), columnEnd.get);
  const turn = seq(vector(4), column.increase(4), at.increase(16));
  const perRow = seq(
    column.set(region.column),
    at.set(i32.add(c.get, i32.shl(firstColumn, i32.const(2)))),
    n < 4 ? [] : f.while(isWhole, turn),
    rest === 0 ? [] : when(i32.ltS(column.get, columnEnd.get), vector(rest)),
    row.increase(1),
  );
  return seq(
    row.set(region.row),
    rowEnd.set(region.rowEnd),
    columnEnd.set(region.columnEnd),
    f.while(i32.ltS(row.get, rowEnd.get), perRow),
  );
}
