import { type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Region, type Tiling, tileSize } from './tiling.js';

/** The block of tiles that is worked on. */
export interface Block {
  /** Its first tile, counted in the region, and how many tiles it has. */
  readonly first: Local;
  readonly count: Local;
  /** The region's first tile and how many tiles an image has in it, along each axis. */
  readonly from: readonly [Local, Local];
  readonly size: readonly [Local, Local];
  /** Transformed positions that are used. */
  readonly used: readonly [Local, Local];
}

export const blockOf = (f: FunctionBuilder): Block => ({
  ...{ first: f.i32(), count: f.i32() },
  from: [f.i32(), f.i32()],
  size: [f.i32(), f.i32()],
  used: [f.i32(), f.i32()],
});

/** Sets all but which tiles of the region a block has. */
export function setRegion(block: Block, { rows, columns, used }: Region): Code {
  const perAxis = [rows, columns].flatMap((span, axis) => [
    (block.from[axis] as Local).set(i32.const(span.first)),
    (block.size[axis] as Local).set(i32.const(span.count)),
    (block.used[axis] as Local).set(i32.const(used[axis] as number)),
  ]);
  return seq(...perAxis);
}

/** Sets a block by its number. */
export function locateBlock({ runs }: Tiling, block: Block, number: Local): Code {
  let before = 0;
  const parts = runs.map(({ region, length, blocks }) => {
    const start = before;
    before += blocks;
    const left = i32.sub(i32.const(region.tiles), block.first.get);
    const set = seq(
      block.first.set(i32.mul(i32.sub(number.get, i32.const(start)), i32.const(length))),
      block.count.set(i32.const(length)),
      when(i32.ltS(left, i32.const(length)), block.count.set(left)),
      setRegion(block, region),
    );
    return { set, until: before };
  });
  return parts.reduceRight<Code>(
    (otherwise, { set, until }, i) =>
      i === parts.length - 1 ? set : when(i32.ltS(number.get, i32.const(until)), set, otherwise),
    [],
  );
}

/** The place of a tile that is moved on through a block. */
export class TileCursor {
  readonly image: Local;
  /** Along each axis, counted from the first one of the image. */
  readonly tile: readonly [Local, Local];
  private readonly block: Block;
  private readonly left: readonly [Local, Local];

  constructor(f: FunctionBuilder, block: Block) {
    this.block = block;
    this.image = f.i32();
    this.tile = [f.i32(), f.i32()];
    this.left = [f.i32(), f.i32()];
  }

  /** Goes to the first tile of the block. */
  start(): Code {
    const { first, size, from } = this.block;
    const [row, column] = this.tile;
    const [rowsLeft, columnsLeft] = this.left;
    return seq(
      column.set(i32.remU(first.get, size[1].get)),
      row.set(i32.divU(first.get, size[1].get)),
      this.image.set(i32.divU(row.get, size[0].get)),
      row.set(i32.remU(row.get, size[0].get)),
      rowsLeft.set(i32.sub(size[0].get, row.get)),
      columnsLeft.set(i32.sub(size[1].get, column.get)),
      row.set(i32.add(row.get, from[0].get)),
      column.set(i32.add(column.get, from[1].get)),
    );
  }

  /** The tile's first position along each axis of an image that begins `before` the tiles. */
  startOf(to: readonly [Local, Local], before: readonly [number, number]): Code {
    const starts = to.map((start, axis) => {
      const first = i32.mul((this.tile[axis] as Local).get, i32.const(tileSize));
      return start.set(i32.sub(first, i32.const(before[axis] as number)));
    });
    return seq(...starts);
  }

  next(): Code {
    const { size, from } = this.block;
    const again = (axis: 0 | 1): Code =>
      seq(this.tile[axis].set(from[axis].get), this.left[axis].set(size[axis].get));
    const moved = (axis: 0 | 1): Code =>
      seq(this.tile[axis].increase(1), this.left[axis].increase(-1));
    return seq(
      moved(1),
      when(
        i32.eqz(this.left[1].get),
        seq(
          again(1),
          moved(0),
          when(i32.eqz(this.left[0].get), seq(again(0), this.image.increase(1))),
        ),
      ),
    );
  }
}
