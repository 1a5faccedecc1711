import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { type PatchPlace, withPatch } from './patch.js';
import { type Block, TileCursor } from './tiles.js';
import { tileGroup, tilePositions, tileReach, tileSize } from './tiling.js';
import { transformColumns, transforms } from './transforms.js';

/** Matrices of the transformed positions of a block's tiles: [position, tile, channel]. */
export interface Transformed {
  readonly at: Local;
  readonly rowBytes: number;
  readonly positionBytes: number;
}

// Matrices a power of two apart would fall into the same few lines of the first cache.
const apart = 64;

/** How the matrices of blocks of at most so many tiles lie in memory. */
export function matricesOf(tiles: number, channels: number) {
  const rowBytes = 4 * channels;
  const positionBytes = tiles * rowBytes + apart;
  return { rowBytes, positionBytes, bytes: tilePositions * positionBytes };
}

/** Matrices in scratch of this thread, and code that must be run before they are used. */
export function ownMatrices(k: KernelFunction, tiles: number, channels: number) {
  const { bytes, ...layout } = matricesOf(tiles, channels);
  const matrices: Transformed = { at: k.f.i32(), ...layout };
  return { matrices, prepare: matrices.at.set(k.own(bytes)) };
}

/** An image that tiles are read from. */
interface Source {
  readonly from: Local;
  readonly size: readonly [number, number];
  /** How many channels a position has; those that are read begin at `from`. */
  readonly channels: number;
  /** Bytes of the channels that are read: a multiple of 16. */
  readonly bytes: Code;
  /** Address of that many zeros. */
  readonly zeros: Local;
}

interface TileRead extends Source {
  readonly block: Block;
  readonly to: Transformed;
}

/** Transforms the tiles of x for a block. */
export const readTiles = (
  k: KernelFunction,
  { padBefore, ...read }: TileRead & { readonly padBefore: readonly [number, number] },
): Code =>
  transformTiles(k, {
    ...read,
    before: padBefore,
    size: read.size,
    reach: tileReach,
    by: transforms.input,
  });

/** Transforms the tiles of dy for a block. */
export const readGradients = (k: KernelFunction, read: TileRead): Code =>
  transformTiles(k, { ...read, before: [0, 0], reach: tileSize, by: transforms.gradient });

interface TileTransform extends TileRead {
  readonly before: readonly [number, number];
  /** Positions of a tile along each axis. */
  readonly reach: number;
  readonly by: (...values: readonly Code[]) => readonly Code[];
}

/** Tile by tile; the last one is taken again until there is a whole group of them, so that products are of numbers. */
function transformTiles(k: KernelFunction, given: TileTransform): Code {
  const { f } = k;
  const { block, to, before } = given;
  const cursor = new TileCursor(f, block);
  const [left, target, end] = [f.i32(), f.i32(), f.i32()];
  const start = [f.i32(), f.i32()] as const;
  const { from, size, channels, reach, zeros: outside } = given;
  const patch = { from, size, channels, reach, image: cursor.image, start, outside };
  const rows = i32.and(i32.add(block.count.get, i32.const(tileGroup - 1)), i32.const(-tileGroup));
  return seq(
    cursor.start(),
    left.set(block.count.get),
    target.set(to.at.get),
    end.set(i32.add(target.get, i32.mul(rows, i32.const(to.rowBytes)))),
    f.while(
      i32.ltU(target.get, end.get),
      seq(
        cursor.startOf(start, before),
        withPatch(k, patch, (place) => transformChannels(k, given, { target, place })),
        left.increase(-1),
        when(i32.gtS(left.get, i32.const(0)), cursor.next()),
        target.increase(to.rowBytes),
      ),
    ),
  );
}

interface Channels {
  readonly target: Local;
  readonly place: PatchPlace;
}

function transformChannels(
  { f }: KernelFunction,
  { by, reach, bytes, to }: TileTransform,
  { target, place }: Channels,
): Code {
  const channel = f.i32();
  const columns = transformColumns(f, {
    ...{ by, from: reach, to: tileReach },
    load: (row, column) => {
      const { at, offset } = place(channel, row, column);
      return v128.load(at, offset);
    },
    put: (row, column, value) => {
      const offset = (row * tileReach + column) * to.positionBytes;
      return v128.store(i32.add(target.get, channel.get), value, offset);
    },
  });
  return seq(
    channel.set(i32.const(0)),
    f.while(i32.ltU(channel.get, bytes), seq(...columns, channel.increase(16))),
  );
}
