import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { Finish } from '../window/finish.js';
import { multiplyBlock } from './multiply.js';
import { filterBytes, filterPanels, packFilter } from './pack-filter.js';
import { ownMatrices, readTiles } from './read-tiles.js';
import { blockOf, locateBlock } from './tiles.js';
import { fewUnits, type Planes, planesOf, tilingOf } from './tiling.js';
import { writeTiles } from './write-tiles.js';

interface Operands {
  /** One that `planesOf` knows. */
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly filter: Local;
  /** 'mirrored' for the convolution that is an input gradient. */
  readonly order: 'plain' | 'mirrored';
  readonly y: Local;
  readonly finish?: Finish | undefined;
}

/**
 * y = the convolution of x with a filter of 3 x 3, from tiles of 2 x 2 with 16 multiplications for each instead of 36. Threads
 * share blocks of tiles, each of which stays in the cache from its transform to its last product.
 */
export function winogradConvolution(k: KernelFunction, given: Operands): Code {
  const { f } = k;
  const { x, filter, order, y, finish } = given;
  const planes = planesOf(given.geometry) as Planes;
  const { inChannels, outChannels, inSize, padBefore } = planes;
  const tiling = tilingOf(planes, { channels: inChannels + outChannels, units: fewUnits });
  const panels = filterPanels(f.i32(), inChannels, outChannels);
  const { matrices: tiles, prepare: prepareTiles } = ownMatrices(k, tiling.most, inChannels);
  const { matrices: products, prepare: prepareProducts } = ownMatrices(k, tiling.most, outChannels);
  const block = blockOf(f);
  const [zeros, begin, end] = [f.i32(), f.i32(), f.i32()];
  const bytes = i32.const(4 * inChannels);
  return seq(
    panels.at.set(k.shared(filterBytes(panels))),
    packFilter(k, { filter, to: panels, order }),
    prepareTiles,
    prepareProducts,
    zeros.set(k.own(4 * inChannels)),
    memoryFill(zeros.get, i32.const(0), bytes),
    k.share(tiling.blocks, begin, end),
    f.for({ from: begin.get, to: end.get }, (number) =>
      seq(
        locateBlock(tiling, block, number),
        readTiles(k, {
          ...{ from: x, size: inSize, channels: inChannels, bytes, zeros, padBefore },
          ...{ block, to: tiles },
        }),
        multiplyBlock(k, { block, tiles, filter: panels, products }),
        writeTiles(k, { planes, block, products, y, finish }),
      ),
    ),
  );
}
