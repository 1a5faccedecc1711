import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../../emit/kernel-function.js';
import { type Code, seq } from '../../encoder/code.js';
import { type Local, memoryFill, when } from '../../encoder/function.js';
import { i32 } from '../../encoder/scalar.js';
import { ownMatrices, readGradients, readTiles } from '../read-tiles.js';
import { blockOf, locateBlock } from '../tiles.js';
import { type Planes, planesOf } from '../tiling.js';
import { addProducts } from './add-products.js';
import { combineSums } from './combine-sums.js';
import { type Parts, type Shares, sharesOf } from './shares.js';

interface Operands {
  /** One that `planesOf` knows. */
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly dy: Local;
  readonly dFilter: Local;
}

/** Some of the channels or of the outputs. */
interface Part {
  readonly first: Local;
  readonly count: Local;
}

/**
 * dFilter, [3, 3, inChannels, outChannels], by tiles: the products of transformed tiles of x and dy are added up for each
 * transformed position, and the sums transformed back. Threads share chunks of tiles and parts of the channels, and add the
 * chunks' sums in their order.
 */
export function winogradFilterGradient(k: KernelFunction, given: Operands): Code {
  const { f } = k;
  const planes = planesOf(given.geometry) as Planes;
  const shares = sharesOf(planes);
  const { tiling, chunks, units, sums } = shares;
  const part = (): Part => ({ first: f.i32(), count: f.i32() });
  const [channels, outputs] = [part(), part()];
  const [all, at, rest, block] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [begin, end] = [f.i32(), f.i32()];
  const cut = (number: Code): Code =>
    i32.divU(i32.mul(number, i32.const(tiling.blocks)), i32.const(chunks));
  const addBlock = blockProducts(k, { ...given, planes, shares, channels, outputs, at });
  return seq(
    all.set(k.shared(units * sums.bytes)),
    k.share(units, begin, end),
    addBlock.prepare,
    f.for({ from: begin.get, to: end.get }, (number) =>
      seq(
        rest.set(number.get),
        takePart(shares.outputs, outputs, rest),
        takePart(shares.channels, channels, rest),
        at.set(i32.add(all.get, i32.mul(number.get, i32.const(sums.bytes)))),
        memoryFill(at.get, i32.const(0), i32.const(sums.bytes)),
        block.set(cut(rest.get)),
        rest.set(cut(i32.add(rest.get, i32.const(1)))),
        f.while(i32.ltU(block.get, rest.get), seq(addBlock.add(block), block.increase(1))),
      ),
    ),
    k.barrier(),
    combineSums(k, { shares, sums: all, dFilter: given.dFilter }),
  );
}

/** Takes the number of a part from that of a unit. */
function takePart({ parts, size, count }: Parts, part: Part, rest: Local): Code {
  const left = i32.sub(i32.const(count), part.first.get);
  return seq(
    part.first.set(i32.mul(i32.remU(rest.get, i32.const(parts)), i32.const(size))),
    part.count.set(i32.const(size)),
    when(i32.ltS(left, i32.const(size)), part.count.set(left)),
    rest.set(i32.divU(rest.get, i32.const(parts))),
  );
}

interface BlockProducts extends Operands {
  readonly planes: Planes;
  readonly shares: Shares;
  readonly channels: Part;
  readonly outputs: Part;
  /** Address of the sums. */
  readonly at: Local;
}

const bytesOf = ({ count }: Part): Code => i32.shl(count.get, i32.const(2));

function blockProducts(k: KernelFunction, given: BlockProducts) {
  const { f } = k;
  const { planes, shares, channels, outputs } = given;
  const { tiling } = shares;
  const x = ownMatrices(k, tiling.most, shares.channels.size);
  const dy = ownMatrices(k, tiling.most, shares.outputs.size);
  const [zeros, from, block] = [f.i32(), f.i32(), blockOf(f)];
  const zeroBytes = 4 * Math.max(shares.channels.size, shares.outputs.size);
  const behind = (base: Local, { first }: Part): Code =>
    from.set(i32.add(base.get, i32.shl(first.get, i32.const(2))));
  const read = { from, zeros, block };
  const { inSize, outSize, padBefore, inChannels, outChannels } = planes;
  return {
    prepare: seq(
      x.prepare,
      dy.prepare,
      zeros.set(k.own(zeroBytes)),
      memoryFill(zeros.get, i32.const(0), i32.const(zeroBytes)),
    ),
    add: (number: Local): Code =>
      seq(
        locateBlock(tiling, block, number),
        behind(given.x, channels),
        readTiles(k, {
          ...{ ...read, size: inSize, channels: inChannels, padBefore },
          ...{ bytes: bytesOf(channels), to: x.matrices },
        }),
        behind(given.dy, outputs),
        readGradients(k, {
          ...{ ...read, size: outSize, channels: outChannels },
          ...{ bytes: bytesOf(outputs), to: dy.matrices },
        }),
        addProducts(k, {
          ...{ block, x: x.matrices, dy: dy.matrices },
          ...{ channels: channels.count, outputs: outputs.count },
          sums: { ...shares.sums, at: given.at },
        }),
      ),
  };
}
