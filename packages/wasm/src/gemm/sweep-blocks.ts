import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Blocks, chooseBlocks } from './blocks.js';
import type { EngineProduct } from './engine.js';
import { forPanels } from './for-panels.js';
import { storedTile } from './stored-tile.js';
import { TileRegisters, tileColumns, tileRows } from './tile.js';

/** A part of a product in steps of k, where not all of it is computed at once. */
export interface DepthRange {
  readonly from: Local;
  readonly to: Local;
  /** The most steps that it has. */
  readonly most: number;
}

/** The block that is worked on; rows and columns count panels. */
interface Block {
  readonly row: Local;
  readonly rowEnd: Local;
  readonly column: Local;
  readonly columnEnd: Local;
  readonly depthFrom: Local;
  readonly depth: Local;
  readonly a: Local;
  readonly b: Local;
}

const bytesOf = (panels: number, width: number, depth: number): number =>
  4 * panels * width * depth;

const smaller = (a: Code, b: Code): Code => choose(i32.ltS(a, b), a, b);

/** c = a b block by block: a block of b is packed, then blocks of a, and each is multiplied with it. */
export function sweepBlocks(k: KernelFunction, product: EngineProduct, range?: DepthRange): Code {
  const { f } = k;
  const all = { m: product.m, n: product.n, k: range?.most ?? product.k };
  const blocks = chooseBlocks(all, range && 'none');
  const local = () => f.i32();
  const block: Block = {
    ...{ row: local(), rowEnd: local(), column: local(), columnEnd: local() },
    ...{ depthFrom: local(), depth: local(), a: local(), b: local() },
  };
  const depth = depthOf(k, product, range);
  const { setup, rows, columns } = partsOf(k, product, blocks);
  const multiply = multiplyBlock(k, product, { block, depth, oneDepth: all.k <= blocks.depth });
  const perRows = seq(packRows(k, product, block), multiply);
  const perDepth = seq(
    block.depth.set(smaller(i32.sub(depth.to.get, block.depthFrom.get), i32.const(blocks.depth))),
    packColumns(k, product, { block, blocks }),
    steps(
      block.row,
      { from: rows.from.get, to: rows.to, step: blocks.rows, end: block.rowEnd },
      perRows,
    ),
  );
  const { depthFrom: from } = block;
  const overDepth = seq(
    from.set(depth.from.get),
    f.while(i32.ltS(from.get, depth.to.get), seq(perDepth, from.increase(blocks.depth))),
  );
  const { column, columnEnd } = block;
  return seq(
    depth.setup,
    setup,
    block.a.set(k.own(bytesOf(blocks.rows, tileRows, blocks.depth))),
    steps(
      column,
      { from: columns.from.get, to: columns.to, step: blocks.columns, end: columnEnd },
      overDepth,
    ),
  );

  function steps(at: Local, part: Stepping, body: Code): Code {
    const turn = seq(
      part.end.set(smaller(i32.add(at.get, i32.const(part.step)), part.to.get)),
      body,
      at.set(part.end.get),
    );
    return seq(at.set(part.from), f.while(i32.ltS(at.get, part.to.get), turn));
  }
}

interface Stepping {
  readonly from: Code;
  readonly to: Local;
  readonly step: number;
  /** Set to the end of each part. */
  readonly end: Local;
}

function depthOf({ f }: KernelFunction, { k }: EngineProduct, range?: DepthRange) {
  if (range) return { setup: [], from: range.from, to: range.to };
  const [from, to] = [f.i32(), f.i32()];
  return { setup: seq(from.set(i32.const(0)), to.set(i32.const(k))), from, to };
}

/** This thread's rows and columns of c, in panels. */
function partsOf(k: KernelFunction, { m, n }: EngineProduct, { share }: Blocks) {
  const part = (panels: number, shared: boolean) => {
    const [from, to] = [k.f.i32(), k.f.i32()];
    const setup = shared
      ? k.share(panels, from, to)
      : seq(from.set(i32.const(0)), to.set(i32.const(panels)));
    return { setup, from, to };
  };
  const rows = part(Math.ceil(m / tileRows), share === 'rows');
  const columns = part(Math.ceil(n / tileColumns), share === 'columns');
  return { setup: seq(rows.setup, columns.setup), rows, columns };
}

function packRows({ f }: KernelFunction, { m, packA }: EngineProduct, block: Block): Code {
  const [first, to] = [f.i32(), f.i32()];
  const { row, rowEnd, depthFrom, depth } = block;
  const panels = { lines: m, width: tileRows, from: row.get, to: rowEnd };
  return seq(
    to.set(block.a.get),
    forPanels(f, panels, (panel, lines) =>
      seq(
        first.set(i32.mul(panel.get, i32.const(tileRows))),
        packA({ first, lines, width: tileRows, depthFrom, depth, to }),
        to.set(i32.add(to.get, i32.mul(depth.get, i32.const(4 * tileRows)))),
      ),
    ),
  );
}

interface ColumnBlock {
  readonly block: Block;
  readonly blocks: Blocks;
}

/**
 * Where threads pack b together, the blocks lie in two places by turns: one barrier then keeps apart who still reads a block
 * from who packs the next one.
 */
function packColumns(
  k: KernelFunction,
  product: EngineProduct,
  { block, blocks }: ColumnBlock,
): Code {
  const { f } = k;
  const { column, columnEnd, depthFrom, depth, b } = block;
  const [first, to, from, end] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const together = blocks.share === 'rows';
  const bytes = bytesOf(blocks.columns, tileColumns, blocks.depth);
  const turn = f.i32();
  const place = together
    ? seq(
        turn.set(i32.sub(i32.const(bytes), turn.get)),
        b.set(i32.add(k.shared(2 * bytes), turn.get)),
        k.share(i32.sub(columnEnd.get, column.get), from, end),
        from.set(i32.add(from.get, column.get)),
        end.set(i32.add(end.get, column.get)),
      )
    : seq(b.set(k.own(bytes)), from.set(column.get), end.set(columnEnd.get));
  const panelBytes = i32.mul(depth.get, i32.const(4 * tileColumns));
  const panels = { lines: product.n, width: tileColumns, from: from.get, to: end };
  const pack = forPanels(f, panels, (panel, lines) =>
    seq(
      first.set(i32.mul(panel.get, i32.const(tileColumns))),
      to.set(i32.add(b.get, i32.mul(i32.sub(panel.get, column.get), panelBytes))),
      product.packB({ first, lines, width: tileColumns, depthFrom, depth, to }),
    ),
  );
  return seq(place, pack, together ? k.barrier() : []);
}

interface Multiplication {
  readonly block: Block;
  readonly depth: { readonly from: Local; readonly to: Local };
  /** Whether one block holds all of k. */
  readonly oneDepth: boolean;
}

function multiplyBlock(k: KernelFunction, product: EngineProduct, given: Multiplication): Code {
  const { f } = k;
  const { block, depth, oneDepth } = given;
  const registers = new TileRegisters(k);
  const [a, b, row, column] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [isFirst, isLast] = [f.i32(), f.i32()];
  const depthEnd = i32.add(block.depthFrom.get, block.depth.get);
  const advance = (at: Local, width: number) =>
    at.set(i32.add(at.get, i32.mul(block.depth.get, i32.const(4 * width))));
  const perColumns = (panel: Local, columns: number): Code => {
    const rowPanels = { lines: product.m, width: tileRows, from: block.row.get, to: block.rowEnd };
    const perRows = forPanels(f, rowPanels, (rowPanel, rows) =>
      seq(
        row.set(i32.mul(rowPanel.get, i32.const(tileRows))),
        storedTile(k, product, {
          ...{ registers, rows, columns, row, column, a, b, depth: block.depth },
          ...(oneDepth ? {} : { isFirst, isLast }),
        }),
        advance(a, tileRows),
      ),
    );
    return seq(
      column.set(i32.mul(panel.get, i32.const(tileColumns))),
      a.set(block.a.get),
      perRows,
      advance(b, tileColumns),
    );
  };
  const panels = {
    ...{ lines: product.n, width: tileColumns },
    ...{ from: block.column.get, to: block.columnEnd },
  };
  return seq(
    isFirst.set(i32.eq(block.depthFrom.get, depth.from.get)),
    isLast.set(i32.eq(depthEnd, depth.to.get)),
    b.set(block.b.get),
    forPanels(f, panels, perColumns),
  );
}
