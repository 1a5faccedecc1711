import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type FunctionBuilder, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Blocks, chooseBlocks } from './blocks.js';
import type { EngineProduct } from './engine.js';
import { forPanels } from './panels.js';
import { packedShape, storedTile } from './stored-tile.js';
import { rowsOfTiles, TileRegisters, tileColumns, tileRows } from './tile.js';

export interface Range {
  readonly from: Local;
  readonly to: Local;
}

/** The part of a product that is computed: rows and columns count panels. */
export interface Part {
  readonly rows: Range;
  readonly columns: Range;
  /** `most`: the most steps of k that it has. */
  readonly depth: Range & { readonly most: number };
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

/**
 * Panels of b that are packed at once where that is possible: in a row of b they are whole cache lines, each of which is then
 * read once. Rows often lie a power of two apart, so that a line which is left half read would be gone.
 */
const panelsAtOnce = 4;

/** Packing stores whole vectors, which may reach beyond the last panel. */
const packedBytes = (lines: number, depth: number): number => 4 * lines * depth + 16;

const smaller = (a: Code, b: Code): Code => choose(i32.ltS(a, b), a, b);

/** c = a b block by block, on this thread alone: a block of b is packed, then blocks of a, and each is multiplied with it. */
export function sweepBlocks(k: KernelFunction, product: EngineProduct, part: Part): Code {
  const { f } = k;
  const { rows, columns, depth } = part;
  const blocks = chooseBlocks({ m: product.m, n: product.n, k: depth.most }, rowsOfTiles(k));
  const local = () => f.i32();
  const block: Block = {
    ...{ row: local(), rowEnd: local(), column: local(), columnEnd: local() },
    ...{ depthFrom: local(), depth: local(), a: local(), b: local() },
  };
  const { row, rowEnd, column, columnEnd, depthFrom } = block;
  const sweep = { block, blocks, depth, oneDepth: depth.most <= blocks.depth };
  const { before, multiply, keptPanels } = columnsOf(k, product, sweep);
  const perRows = seq(packRows(k, product, sweep), multiply);
  const perDepth = seq(
    block.depth.set(smaller(i32.sub(depth.to.get, depthFrom.get), i32.const(blocks.depth))),
    before,
    steps(f, { ...rows, at: row, step: blocks.rows, end: rowEnd }, perRows),
  );
  const overDepth = seq(
    depthFrom.set(depth.from.get),
    f.while(i32.ltS(depthFrom.get, depth.to.get), seq(perDepth, depthFrom.increase(blocks.depth))),
  );
  return seq(
    block.a.set(k.own(packedBytes(blocks.rows * tileRows, blocks.depth))),
    block.b.set(k.own(packedBytes(keptPanels * tileColumns, blocks.depth))),
    steps(f, { ...columns, at: column, step: blocks.columns, end: columnEnd }, overDepth),
  );
}

interface Stepping extends Range {
  readonly at: Local;
  readonly step: number;
  /** Set to the end of each part. */
  readonly end: Local;
}

function steps(f: FunctionBuilder, { at, from, to, step, end }: Stepping, body: Code): Code {
  const turn = seq(
    end.set(smaller(i32.add(at.get, i32.const(step)), to.get)),
    body,
    at.set(end.get),
  );
  return seq(at.set(from.get), f.while(i32.ltS(at.get, to.get), turn));
}

/**
 * How a block of b is packed and multiplied: packed `before` all blocks of a, or, where one block of a is all, some panels at a
 * time and just before they are used.
 */
function columnsOf(k: KernelFunction, product: EngineProduct, sweep: Sweep) {
  const { f } = k;
  const { block, blocks } = sweep;
  const registers = new TileRegisters(k);
  const all = { from: block.column, to: block.columnEnd };
  if (!blocks.oneRows) {
    return {
      before: packColumns(k, product, { ...sweep, ...all }),
      multiply: multiplyColumns(k, product, { ...sweep, ...all, registers }),
      keptPanels: blocks.columns,
    };
  }
  const some = { from: f.i32(), to: f.i32() };
  const body = seq(
    packColumns(k, product, { ...sweep, ...some }),
    multiplyColumns(k, product, { ...sweep, ...some, registers }),
  );
  return {
    before: [],
    multiply: steps(f, { ...all, at: some.from, step: panelsAtOnce, end: some.to }, body),
    keptPanels: panelsAtOnce,
  };
}

interface Sweep {
  readonly block: Block;
  readonly blocks: Blocks;
  readonly depth: Range;
  /** Whether one block holds all of k. */
  readonly oneDepth: boolean;
}

function packRows({ f }: KernelFunction, { packA }: EngineProduct, sweep: Sweep): Code {
  const to = f.i32();
  const { row, rowEnd, depthFrom, depth, a } = sweep.block;
  const pass = { groups: sweep.blocks.rowGroups, from: row.get, to: rowEnd };
  return seq(
    to.set(a.get),
    forPanels(f, pass, (first, lines) =>
      seq(
        packA({ first, lines, width: lines, depthFrom, depth, to }),
        to.set(i32.add(to.get, i32.mul(depth.get, i32.const(4 * lines)))),
      ),
    ),
  );
}

/** Panels of b that are packed or multiplied. */
interface Columns extends Sweep, Range {}

function packColumns(k: KernelFunction, product: EngineProduct, columns: Columns): Code {
  const { f } = k;
  const { from, to: end, block, blocks } = columns;
  const { depthFrom, depth, b } = block;
  const [to, panel, first] = [f.i32(), f.i32(), f.i32()];
  const advance = (panels: number) =>
    to.set(i32.add(to.get, i32.mul(depth.get, i32.const(4 * tileColumns * panels))));
  const whole = Math.floor(product.n / tileColumns);
  const next = i32.add(panel.get, i32.const(panelsAtOnce));
  const { packPanelsB } = product;
  const together =
    packPanelsB && whole >= panelsAtOnce
      ? f.while(
          i32.and(i32.leS(next, end.get), i32.leS(next, i32.const(whole))),
          seq(
            first.set(i32.mul(panel.get, i32.const(tileColumns))),
            packPanelsB({ first, panels: panelsAtOnce, width: tileColumns, depthFrom, depth, to }),
            advance(panelsAtOnce),
            panel.increase(panelsAtOnce),
          ),
        )
      : [];
  const rest = { groups: blocks.columnGroups, from: panel.get, to: end };
  return seq(
    to.set(b.get),
    panel.set(from.get),
    together,
    forPanels(f, rest, (column, lines) =>
      seq(
        product.packB({ first: column, lines, width: tileColumns, depthFrom, depth, to }),
        advance(1),
      ),
    ),
  );
}

interface Multiplication extends Columns {
  readonly registers: TileRegisters;
}

function multiplyColumns(k: KernelFunction, product: EngineProduct, given: Multiplication): Code {
  const { f } = k;
  const { block, blocks, depth, oneDepth, registers, from, to } = given;
  const [a, b, isFirst, isLast] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const depthEnd = i32.add(block.depthFrom.get, block.depth.get);
  const advance = (at: Local, width: number) =>
    at.set(i32.add(at.get, i32.mul(block.depth.get, i32.const(4 * width))));
  const perColumns = (column: Local, columns: number): Code => {
    const pass = { groups: blocks.rowGroups, from: block.row.get, to: block.rowEnd };
    const perRows = forPanels(f, pass, (row, rows) =>
      seq(
        storedTile(k, product, {
          ...{ registers, shape: packedShape(rows, columns), row, column },
          ...{ a: a.get, b: b.get, depth: block.depth.get },
          ...(oneDepth ? {} : { isFirst, isLast }),
        }),
        advance(a, rows),
      ),
    );
    return seq(a.set(block.a.get), perRows, advance(b, tileColumns));
  };
  return seq(
    isFirst.set(i32.eq(block.depthFrom.get, depth.from.get)),
    isLast.set(i32.eq(depthEnd, depth.to.get)),
    b.set(block.b.get),
    forPanels(f, { groups: blocks.columnGroups, from: from.get, to }, perColumns),
  );
}
