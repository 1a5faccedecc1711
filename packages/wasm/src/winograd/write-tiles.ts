import type { KernelFunction } from '../emit/kernel-function.js';
import { bytesIn, type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { type Finish, finishRows } from '../window/finish.js';
import type { Transformed } from './read-tiles.js';
import { type Block, TileCursor } from './tiles.js';
import { type Planes, tileReach, tileSize } from './tiling.js';
import { transformColumns, transforms } from './transforms.js';

interface TileWrite {
  readonly planes: Planes;
  readonly block: Block;
  /** Sums of products: [position, tile, outChannels]. */
  readonly products: Transformed;
  readonly y: Local;
  readonly finish: Finish | undefined;
}

/** The tile of y that is written. */
interface Target {
  /** The number of its first position, and the address. */
  readonly row: Local;
  readonly at: Local;
  /** Whether y has its second row, and its second column. */
  readonly second: readonly [Local, Local];
  /** The tile's row of the first matrix of products. */
  readonly from: Local;
}

// Bytes of code of a finish up to which it is written for each position of a tile.
const shortFinish = 160;

/** Transforms the products of a block's tiles, finishes them and stores them in y. */
export function writeTiles(k: KernelFunction, given: TileWrite): Code {
  const { f } = k;
  const { planes, block, products, y } = given;
  const { outSize, outChannels } = planes;
  const cursor = new TileCursor(f, block);
  const left = f.i32();
  const target: Target = {
    ...{ row: f.i32(), at: f.i32(), from: f.i32() },
    second: [f.i32(), f.i32()],
  };
  const [tileRow, tileColumn] = cursor.tile;
  const first = (tile: Local): Code => i32.mul(tile.get, i32.const(tileSize));
  const line = i32.add(i32.mul(cursor.image.get, i32.const(outSize[0])), first(tileRow));
  return seq(
    cursor.start(),
    target.from.set(products.at.get),
    left.set(block.count.get),
    f.while(
      left.get,
      seq(
        target.row.set(i32.add(i32.mul(line, i32.const(outSize[1])), first(tileColumn))),
        target.at.set(i32.add(y.get, i32.mul(target.row.get, i32.const(4 * outChannels)))),
        ...target.second.map((second, axis) => {
          const most = i32.const((outSize[axis] as number) - 1);
          return second.set(i32.ltS(first(cursor.tile[axis] as Local), most));
        }),
        writeTile(k, given, target),
        target.from.increase(products.rowBytes),
        left.increase(-1),
        cursor.next(),
      ),
    ),
  );
}

function writeTile(k: KernelFunction, given: TileWrite, target: Target): Code {
  const { f } = k;
  const { finish, planes, products } = given;
  const { outSize, outChannels } = planes;
  const pixel = 4 * outChannels;
  const [column, value, row] = [f.i32(), f.v128(), f.i32()];
  const bytes = i32.shl(column.get, i32.const(2));
  const finished = finish?.({ value, row, column, count: 4 });
  const inPlace = finished !== undefined && bytesIn(finished).length <= shortFinish;
  const store = (i: number, j: number, sum: Code): Code => {
    const ahead = i * outSize[1] + j;
    const at = i32.add(target.at.get, bytes);
    if (!inPlace || !finish) return v128.store(at, sum, ahead * pixel);
    return seq(
      value.set(sum),
      row.set(i32.add(target.row.get, i32.const(ahead))),
      finish({ value, row, column, count: 4 }),
      v128.store(at, value.get, ahead * pixel),
    );
  };
  const [left, right] = transformColumns(f, {
    ...{ by: transforms.output, from: tileReach, to: tileSize },
    load: (i, j) =>
      v128.load(i32.add(target.from.get, bytes), (i * tileReach + j) * products.positionBytes),
    put: (i, j, sum) => (i === 0 ? store(i, j, sum) : when(target.second[0].get, store(i, j, sum))),
  }) as [Code, Code];
  return seq(
    column.set(i32.const(0)),
    f.while(
      i32.ltU(column.get, i32.const(outChannels)),
      seq(left, when(target.second[1].get, right), column.increase(4)),
    ),
    finish && !inPlace ? finishTile(k, { finish, planes, target }) : [],
  );
}

interface TileFinish {
  readonly finish: Finish;
  readonly planes: Planes;
  readonly target: Target;
}

/** Finishes a tile that lies in y, so that a long finish is written only once. */
function finishTile(k: KernelFunction, { finish, planes, target }: TileFinish): Code {
  const { f } = k;
  const { outSize, outChannels: columns } = planes;
  const [at, row] = [f.i32(), f.i32()];
  const lines = i32.add(target.second[0].get, i32.const(1));
  const count = i32.add(target.second[1].get, i32.const(1));
  return f.for({ to: lines }, (line) => {
    const ahead = i32.mul(line.get, i32.const(outSize[1]));
    return seq(
      row.set(i32.add(target.row.get, ahead)),
      at.set(i32.add(target.at.get, i32.mul(ahead, i32.const(4 * columns)))),
      finishRows(k, { finish, from: at, to: at, row, count, columns }),
    );
  });
}
