import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { type PatchPlace, withPatch } from './patch.js';
import type { Transformed } from './read-tiles.js';
import { type Block, TileCursor } from './tiles.js';
import { type Planes, tileReach } from './tiling.js';
import { transformColumns, transforms } from './transforms.js';

interface TileSpread {
  /** The forward convolution. */
  readonly planes: Planes;
  readonly block: Block;
  /** Sums of products: [position, tile, inChannels]. */
  readonly products: Transformed;
  readonly dx: Local;
  /** Address of as many channels, which get what lies outside of dx. */
  readonly outside: Local;
}

/** Transforms the products of a block's tiles and adds them to dx, where tiles overlap. */
export function spreadTiles(k: KernelFunction, given: TileSpread): Code {
  const { f } = k;
  const { planes, block, products, dx: from, outside } = given;
  const { inSize: size, inChannels: channels, padBefore } = planes;
  const cursor = new TileCursor(f, block);
  const [left, row, start] = [f.i32(), f.i32(), [f.i32(), f.i32()] as const];
  const patch = { from, size, channels, outside, image: cursor.image, start, reach: tileReach };
  return seq(
    cursor.start(),
    row.set(products.at.get),
    left.set(block.count.get),
    f.while(
      left.get,
      seq(
        cursor.startOf(start, padBefore),
        withPatch(k, patch, (place) => addChannels(k, given, { row, place })),
        row.increase(products.rowBytes),
        left.increase(-1),
        cursor.next(),
      ),
    ),
  );
}

interface Channels {
  /** The tile's row of the first matrix of products. */
  readonly row: Local;
  readonly place: PatchPlace;
}

function addChannels(
  { f }: KernelFunction,
  { planes, products }: TileSpread,
  { row, place }: Channels,
): Code {
  const channel = f.i32();
  const columns = transformColumns(f, {
    ...{ by: transforms.inputGradient, from: tileReach, to: tileReach },
    load: (i, j) => {
      const offset = (i * tileReach + j) * products.positionBytes;
      return v128.load(i32.add(row.get, channel.get), offset);
    },
    put: (i, j, value) => {
      const { at, offset } = place(channel, i, j);
      return v128.store(at, f32x4.add(v128.load(at, offset), value), offset);
    },
  });
  return seq(
    channel.set(i32.const(0)),
    f.while(
      i32.ltU(channel.get, i32.const(4 * planes.inChannels)),
      seq(...columns, channel.increase(16)),
    ),
  );
}
