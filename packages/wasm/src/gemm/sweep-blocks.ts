import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Blocks, chooseBlocks } from './blocks.js';
import type { EngineProduct } from './engine.js';
import { forPanels } from './panels.js';
import { packedShape, storedTile } from './stored-tile.js';
import { TileRegisters, tileColumns, tileRows } from './tile.js';

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

/** Packing stores whole vectors, which may reach beyond the last panel. */
const packedBytes = (lines: number, depth: number): number => 4 * lines * depth + 16;

const smaller = (a: Code, b: Code): Code => choose(i32.ltS(a, b), a, b);

/** c = a b block by block, on this thread alone: a block of b is packed, then blocks of a, and each is multiplied with it. */
export function sweepBlocks(k: KernelFunction, product: EngineProduct, part: Part): Code {
  const { f } = k;
  const { rows, columns, depth } = part;
  const blocks = chooseBlocks({ m: product.m, n: product.n, k: depth.most });
  const local = () => f.i32();
  const block: Block = {
    ...{ row: local(), rowEnd: local(), column: local(), columnEnd: local() },
    ...{ depthFrom: local(), depth: local(), a: local(), b: local() },
  };
  const { row, rowEnd, column, columnEnd, depthFrom } = block;
  const sweep = { block, blocks, depth, oneDepth: depth.most <= blocks.depth };
  const keptPanels = blocks.oneRows ? 1 : blocks.columns;
  const perRows = seq(packRows(k, product, sweep), multiplyBlock(k, product, sweep));
  const perDepth = seq(
    block.depth.set(smaller(i32.sub(depth.to.get, depthFrom.get), i32.const(blocks.depth))),
    blocks.oneRows ? [] : packColumns(k, product, sweep),
    steps(row, { ...rows, step: blocks.rows, end: rowEnd }, perRows),
  );
  const overDepth = seq(
    depthFrom.set(depth.from.get),
    f.while(i32.ltS(depthFrom.get, depth.to.get), seq(perDepth, depthFrom.increase(blocks.depth))),
  );
  return seq(
    block.a.set(k.own(packedBytes(blocks.rows * tileRows, blocks.depth))),
    block.b.set(k.own(packedBytes(keptPanels * tileColumns, blocks.depth))),
    steps(column, { ...columns, step: blocks.columns, end: columnEnd }, overDepth),
  );

  function steps(at: Local, { from, to, step, end }: Stepping, body: Code): Code {
    const turn = seq(
      end.set(smaller(i32.add(at.get, i32.const(step)), to.get)),
      body,
      at.set(end.get),
    );
    return seq(at.set(from.get), f.while(i32.ltS(at.get, to.get), turn));
  }
}

interface Stepping extends Range {
  readonly step: number;
  /** Set to the end of each part. */
  readonly end: Local;
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

function packColumns({ f }: KernelFunction, { packB }: EngineProduct, sweep: Sweep): Code {
  const to = f.i32();
  const { column, columnEnd, depthFrom, depth, b } = sweep.block;
  const pass = { groups: sweep.blocks.columnGroups, from: column.get, to: columnEnd };
  return seq(
    to.set(b.get),
    forPanels(f, pass, (first, lines) =>
      seq(
        packB({ first, lines, width: tileColumns, depthFrom, depth, to }),
        to.set(i32.add(to.get, i32.mul(depth.get, i32.const(4 * tileColumns)))),
      ),
    ),
  );
}

function multiplyBlock(k: KernelFunction, product: EngineProduct, sweep: Sweep): Code {
  const { f } = k;
  const { block, blocks, depth, oneDepth } = sweep;
  const registers = new TileRegisters(k);
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
    const pack = product.packB({
      ...{ first: column, lines: columns, width: tileColumns },
      ...{ depthFrom: block.depthFrom, depth: block.depth, to: b },
    });
    return seq(
      blocks.oneRows ? pack : [],
      a.set(block.a.get),
      perRows,
      blocks.oneRows ? [] : advance(b, tileColumns),
    );
  };
  const pass = { groups: blocks.columnGroups, from: block.column.get, to: block.columnEnd };
  return seq(
    isFirst.set(i32.eq(block.depthFrom.get, depth.from.get)),
    isLast.set(i32.eq(depthEnd, depth.to.get)),
    b.set(block.b.get),
    forPanels(f, pass, perColumns),
  );
}
