import type { ConvGeometry } from '@tenon/core';
import { adjointOf } from '../conv/adjoint.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Finish, finishRows } from '../window/finish.js';
import { winogradConvolution } from './convolve.js';
import { matrixAt, multiplyBlock } from './multiply.js';
import { filterBytes, filterPanels, packFilter } from './pack-filter.js';
import { ownMatrices, readGradients, type Transformed } from './read-tiles.js';
import { spreadTiles } from './spread-tiles.js';
import { type Block, blockOf, setRegion } from './tiles.js';
import { imagesOf, type Planes, planesOf, tilePositions, tileReach } from './tiling.js';

interface Operands {
  /** The forward convolution, one that `planesOf` knows. */
  readonly geometry: ConvGeometry;
  readonly dy: Local;
  readonly filter: Local;
  readonly dx: Local;
  readonly finish?: Finish | undefined;
}

/** dx as a convolution of dy by tiles that cover dx. */
export const coveringGradient = (
  k: KernelFunction,
  { geometry, dy: x, filter, dx: y, finish }: Operands,
): Code =>
  winogradConvolution(k, {
    ...{ geometry: adjointOf(geometry), x, filter, order: 'mirrored', y, finish },
  });

/** Images that are worked on. */
interface Images {
  readonly first: Local;
  readonly count: Local;
}

/**
 * dx as the adjoint of the forward convolution, tile by tile: the tiles of dy give overlapping tiles of dx. Where dx is larger than
 * dy these are fewer than the tiles that cover dx. Threads share the images, each of which one adds up in the order of its tiles.
 */
export function spreadingGradient(k: KernelFunction, given: Operands): Code {
  const { f } = k;
  const { filter, dx, finish } = given;
  const planes = planesOf(given.geometry) as Planes;
  const { images: all, inSize, inChannels, outChannels } = planes;
  const { images: together } = imagesOf(planes);
  const panels = filterPanels(f.i32(), outChannels, inChannels);
  const images: Images = { first: f.i32(), count: f.i32() };
  const [begin, end, at, position] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const size = inSize[0] * inSize[1];
  const rows = i32.mul(images.count.get, i32.const(size));
  const left = i32.sub(i32.const(all), images.first.get);
  const spread = spreadImages(k, { ...given, planes, panels, images });
  return seq(
    panels.at.set(k.shared(filterBytes(panels))),
    packFilter(k, { filter, to: panels, order: 'transposed' }),
    spread.prepare,
    k.share(Math.ceil(all / together), begin, end),
    f.for({ from: begin.get, to: end.get }, (number) =>
      seq(
        images.first.set(i32.mul(number.get, i32.const(together))),
        images.count.set(i32.const(together)),
        when(i32.ltS(left, i32.const(together)), images.count.set(left)),
        position.set(i32.mul(images.first.get, i32.const(size))),
        at.set(i32.add(dx.get, i32.mul(position.get, i32.const(4 * inChannels)))),
        memoryFill(at.get, i32.const(0), i32.mul(rows, i32.const(4 * inChannels))),
        spread.add,
        finish
          ? finishRows(k, {
              ...{ finish, from: at, to: at, row: position, count: rows, columns: inChannels },
            })
          : [],
      ),
    ),
  );
}

interface Spread extends Operands {
  readonly planes: Planes;
  readonly panels: ReturnType<typeof filterPanels>;
  readonly images: Images;
}

function spreadImages(k: KernelFunction, given: Spread) {
  const { f } = k;
  const { planes, panels: filter, images, dy: from, dx } = given;
  const { inChannels, outChannels, outSize } = planes;
  const { regions, most } = imagesOf(planes);
  const { matrices: tiles, prepare: prepareTiles } = ownMatrices(k, most, outChannels);
  const { matrices: products, prepare: prepareProducts } = ownMatrices(k, most, inChannels);
  const [zeros, outside, region, block] = [f.i32(), f.i32(), f.i32(), blockOf(f)];
  const bytes = i32.const(4 * outChannels);
  const read = { from, size: outSize, channels: outChannels, bytes, zeros, block, to: tiles };
  const choose = regions.map((each, i) =>
    when(i32.eq(region.get, i32.const(i)), setRegion(block, each)),
  );
  const perImage = i32.mul(block.size[0].get, block.size[1].get);
  return {
    prepare: seq(
      prepareTiles,
      prepareProducts,
      zeros.set(k.own(4 * outChannels)),
      outside.set(k.own(4 * inChannels)),
      memoryFill(zeros.get, i32.const(0), bytes),
    ),
    add: seq(
      region.set(i32.const(0)),
      f.while(
        i32.ltS(region.get, i32.const(regions.length)),
        seq(
          ...choose,
          block.first.set(i32.mul(images.first.get, perImage)),
          block.count.set(i32.mul(images.count.get, perImage)),
          readGradients(k, read),
          multiplyBlock(k, { block, tiles, filter, products }),
          clearUnused(k, block, products),
          memoryFill(outside.get, i32.const(0), i32.const(4 * inChannels)),
          spreadTiles(k, { planes, block, products, dx, outside }),
          region.increase(1),
        ),
      ),
    ),
  };
}

/** Products of positions that are not used, as they are with zeros. */
function clearUnused({ f }: KernelFunction, block: Block, products: Transformed): Code {
  const number = f.i32();
  const { used, count } = block;
  const row = i32.divU(number.get, i32.const(tileReach));
  const column = i32.remU(number.get, i32.const(tileReach));
  const unused = i32.or(i32.geU(row, used[0].get), i32.geU(column, used[1].get));
  const bytes = i32.mul(count.get, i32.const(products.rowBytes));
  return seq(
    number.set(i32.const(0)),
    f.while(
      i32.ltU(number.get, i32.const(tilePositions)),
      seq(
        when(unused, memoryFill(matrixAt(products, number), i32.const(0), bytes)),
        number.increase(1),
      ),
    ),
  );
}
