import type { ConvGeometry } from '@tenon/core';

/** Positions of y that a tile covers along an axis, and positions of x that they see. */
export const tileSize = 2;
export const tileReach = 4;

/** Positions of a tile of x, and of its transform. */
export const tilePositions = tileReach * tileReach;

/** A convolution of images of two axes by windows of 3 x 3 without strides or gaps. */
export interface Planes {
  readonly images: number;
  readonly inSize: readonly [number, number];
  readonly outSize: readonly [number, number];
  /** May be less than 0. */
  readonly padBefore: readonly [number, number];
  readonly inChannels: number;
  readonly outChannels: number;
}

/** The images that a geometry convolves by windows of 3 x 3; undefined if it does anything else. */
export function planesOf(geometry: ConvGeometry): Planes | undefined {
  const { batch, inSize, outSize, window, strides, dilations, padBefore, groups } = geometry;
  const { inChannels, outChannels } = geometry;
  const stepless = [...strides, ...dilations, groups].every((step) => step === 1);
  const single = window[0] === 1 && padBefore[0] === 0 && inSize[0] === outSize[0];
  if (!stepless || !single || window[1] !== 3 || window[2] !== 3) return undefined;
  return {
    images: batch * inSize[0],
    inSize: [inSize[1], inSize[2]],
    outSize: [outSize[1], outSize[2]],
    padBefore: [padBefore[1], padBefore[2]],
    ...{ inChannels, outChannels },
  };
}

/** Tiles side by side along an axis that cover equally many positions each; `first` is the first one's number. */
interface Span {
  readonly first: number;
  readonly count: number;
  readonly size: number;
}

/** Tiles of every image of which equally much is used. */
export interface Region {
  readonly rows: Span;
  readonly columns: Span;
  readonly tiles: number;
  /** Transformed positions, [rows, columns], that what is used depends on: without the second row of y the last one is not. */
  readonly used: readonly [number, number];
}

/** Tiles go through the products by so many. */
export const tileGroup = 4;

const rounded = (tiles: number): number => Math.ceil(tiles / tileGroup) * tileGroup;

/** Tiles of an odd size: the last one has a region of its own, or counts as whole. */
function spansOf(size: number, parted: boolean): Span[] {
  const whole = Math.floor(size / tileSize);
  if (!parted || size % tileSize === 0) {
    return [{ first: 0, count: Math.ceil(size / tileSize), size: tileSize }];
  }
  const last = { first: whole, count: 1, size: size % tileSize };
  return whole > 0 ? [{ first: 0, count: whole, size: tileSize }, last] : [last];
}

export function regionsOf({ images, outSize }: Planes): Region[] {
  const choices = [true, false].flatMap((rows) =>
    [true, false].map((columns) =>
      spansOf(outSize[0], rows).flatMap((down) =>
        spansOf(outSize[1], columns).map((across): Region => {
          const extra = tileReach - tileSize;
          const tiles = images * down.count * across.count;
          const used = [down.size + extra, across.size + extra] as const;
          return { rows: down, columns: across, tiles, used };
        }),
      ),
    ),
  );
  return choices.reduce((a, b) => (productsOf(a) <= productsOf(b) ? a : b));
}

/** How many transformed positions are multiplied. */
export const productsOf = (regions: readonly Region[]): number =>
  regions.reduce((all, { tiles, used }) => all + rounded(tiles) * used[0] * used[1], 0);

/** Blocks of tiles of the same region, all but the last one of the same length. */
interface BlockRun {
  readonly region: Region;
  /** Tiles of a block: a multiple of tileGroup. */
  readonly length: number;
  readonly blocks: number;
}

export interface Tiling {
  readonly runs: readonly BlockRun[];
  /** Tiles of the longest block. */
  readonly most: number;
  readonly blocks: number;
}

// What the transforms of a block and their products take of the second cache.
const blockBytes = 1 << 19;
// Fewer tiles would read the filters too often; of more the filters are only a small part of what is read.
const leastTiles = 32;
const mostTiles = 128;

/** With fewer pieces of work threads would get too uneven shares. */
export const fewUnits = 16;

const blockTiles = (channels: number): number =>
  Math.floor(blockBytes / (tilePositions * 4 * channels));

interface Keeping {
  /** Channels that are kept for each position of a block's tiles. */
  readonly channels: number;
  /** How many blocks there should be at least. */
  readonly units: number;
}

/** How tiles are cut into blocks that stay in the second cache. */
export function tilingOf(planes: Planes, { channels, units }: Keeping): Tiling {
  const regions = regionsOf(planes);
  const all = regions.reduce((sum, { tiles }) => sum + tiles, 0);
  const limit = Math.min(Math.max(blockTiles(channels), leastTiles), mostTiles);
  const wanted = rounded(Math.max(tileGroup, Math.min(limit, all / units)));
  const runs = regions.map((region): BlockRun => {
    const blocks = Math.ceil(region.tiles / wanted);
    const length = rounded(region.tiles / blocks);
    return { region, length, blocks: Math.ceil(region.tiles / length) };
  });
  return {
    runs,
    most: Math.max(...runs.map(({ length }) => length)),
    blocks: runs.reduce((sum, { blocks }) => sum + blocks, 0),
  };
}

interface ImageBlocks {
  /** Images of a block. */
  readonly images: number;
  /** Those of a block. */
  readonly regions: readonly Region[];
  /** Tiles of its largest region. */
  readonly most: number;
  /** Whether these stay in the cache. */
  readonly fits: boolean;
}

/** How many images go through the products together: as many as have tiles enough in each region, if there are more. */
export function imagesOf(planes: Planes): ImageBlocks {
  const fitting = blockTiles(planes.inChannels + planes.outChannels);
  const inBlock = (images: number): ImageBlocks => {
    const regions = regionsOf({ ...planes, images });
    const most = rounded(Math.max(...regions.map(({ tiles }) => tiles)));
    return { images, regions, most, fits: most <= 2 * fitting };
  };
  const limit = Math.min(mostTiles, fitting);
  const shared = Math.max(1, Math.floor(planes.images / fewUnits));
  let chosen = inBlock(1);
  for (let images = 2; images <= shared; images++) {
    const next = inBlock(images);
    if (next.most > limit) break;
    if (productsOf(next.regions) / images <= productsOf(chosen.regions) / chosen.images) {
      chosen = next;
    }
  }
  return chosen;
}
