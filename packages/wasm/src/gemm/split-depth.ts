import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';
import { chunksOf } from './blocks.js';
import type { EngineProduct } from './engine.js';
import { loadFloats, storeFloats } from './floats.js';
import { columnPanels, panelCount, rowPanels } from './panels.js';
import { sweepBlocks } from './sweep-blocks.js';
import { rowsOfTiles } from './tile.js';

/**
 * A product with a long k and a small c: threads take chunks of k, and add the chunks' results in their order. Null where c has
 * panels enough for all threads.
 */
export function splitDepth(k: KernelFunction, product: EngineProduct): Code | null {
  const { f } = k;
  const { m, n } = product;
  const chunks = chunksOf(product, rowsOfTiles(k));
  if (chunks === 1) return null;
  const most = Math.ceil(product.k / chunks / 4) * 4;
  const matrixBytes = 4 * m * n;
  const [parts, part, chunk] = [f.i32(), f.i32(), f.i32()];
  const [end, from, to] = [f.i32(), f.i32(), f.i32()];
  const [zero, rowEnd, columnEnd] = [f.i32(), f.i32(), f.i32()];
  const rows = { from: zero, to: rowEnd };
  const columns = { from: zero, to: columnEnd };
  const rowBytes = 4 * n;
  const rowAddress = (row: Local) => i32.add(part.get, i32.mul(row.get, i32.const(rowBytes)));
  const { packA, packB } = product;
  const partial = { ...{ m, n, k: product.k, packA, packB }, rowAddress, rowBytes };
  const perChunk = seq(
    from.set(i32.mul(chunk.get, i32.const(most))),
    to.set(i32.add(from.get, i32.const(most))),
    when(i32.gtS(to.get, i32.const(product.k)), to.set(i32.const(product.k))),
    part.set(i32.add(parts.get, i32.mul(chunk.get, i32.const(matrixBytes)))),
    sweepBlocks(k, partial, { rows, columns, depth: { from, to, most } }),
    chunk.increase(1),
  );
  const used = Math.ceil(product.k / most);
  return seq(
    zero.set(i32.const(0)),
    rowEnd.set(i32.const(panelCount(rowPanels(m, rowsOfTiles(k))))),
    columnEnd.set(i32.const(panelCount(columnPanels(n)))),
    parts.set(k.shared(used * matrixBytes)),
    k.share(used, chunk, end),
    f.while(i32.ltS(chunk.get, end.get), perChunk),
    k.barrier(),
    combine(k, product, { parts, count: used }),
  );
}

interface Parts {
  readonly parts: Local;
  readonly count: number;
}

function combine(k: KernelFunction, product: EngineProduct, { parts, count }: Parts): Code {
  const { f } = k;
  const { m, n, rowAddress, accumulate, finish } = product;
  const [row, end, at, to, sum] = [f.i32(), f.i32(), f.i32(), f.i32(), f.v128()];
  const vector = (column: Local, lanes: number): Code => {
    const place = { address: to.get, count: lanes };
    const add = Array.from({ length: count }, (_, i) =>
      sum.set(f32x4.add(sum.get, loadFloats(at.get, lanes, i * 4 * m * n))),
    );
    return seq(
      sum.set(accumulate ? loadFloats(to.get, lanes) : f32x4.const(0)),
      ...add,
      finish ? finish({ value: sum, row, column, count: lanes }) : [],
      storeFloats(place, sum),
      at.increase(16),
      to.increase(16),
    );
  };
  const column = f.i32();
  const whole = n - (n % 4);
  const turn = seq(vector(column, 4), column.increase(4));
  const perRow = seq(
    at.set(i32.add(parts.get, i32.mul(row.get, i32.const(4 * n)))),
    to.set(rowAddress(row)),
    column.set(i32.const(0)),
    f.while(i32.ltS(column.get, i32.const(whole)), turn),
    n % 4 > 0 ? vector(column, n % 4) : [],
    row.increase(1),
  );
  return seq(k.share(m, row, end), f.while(i32.ltS(row.get, end.get), perRow));
}
