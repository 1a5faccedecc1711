import { ProductTile, panelColumns } from '../../conv/product-tile.js';
import type { KernelFunction } from '../../emit/kernel-function.js';
import { type Code, seq } from '../../encoder/code.js';
import { type Local, when } from '../../encoder/function.js';
import { i32 } from '../../encoder/scalar.js';
import { forPositions, matrixAt } from '../multiply.js';
import type { Transformed } from '../read-tiles.js';
import type { Block } from '../tiles.js';

interface Products {
  readonly block: Block;
  /** [position, tile, channel] and [position, tile, output] */
  readonly x: Transformed;
  readonly dy: Transformed;
  /** How many there are: multiples of 4. */
  readonly channels: Local;
  readonly outputs: Local;
  /** [position, channel, output] */
  readonly sums: Transformed;
}

const rows = 4;

/** Adds the products of a block's tiles, position by position, to sums over tiles. */
export function addProducts(k: KernelFunction, given: Products): Code {
  const { f } = k;
  const { block, x, dy, channels, outputs, sums } = given;
  const tile = new ProductTile(k);
  const [a, b, at, output] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const left = i32.sub(outputs.get, output.get);
  const pass = (position: Local, channel: Local, columns: number): Code => {
    const shape = { rows, columns };
    const ahead = (matrix: Transformed, index: Local): Code =>
      i32.add(matrixAt(matrix, position), i32.shl(index.get, i32.const(2)));
    return seq(
      a.set(ahead(x, channel)),
      b.set(ahead(dy, output)),
      at.set(i32.add(ahead(sums, output), i32.mul(channel.get, i32.const(sums.rowBytes)))),
      tile.load(shape, at.get, sums.rowBytes),
      tile.add(shape, {
        ...{ a, b, rowA: 4, stepA: x.rowBytes, stepB: dy.rowBytes },
        ...{ count: block.count.get, padded: false },
      }),
      tile.store(shape, at.get, sums.rowBytes),
      output.increase(columns),
    );
  };
  return forPositions(k, block, (position) =>
    f.for({ to: channels.get, step: rows }, (channel) =>
      seq(
        output.set(i32.const(0)),
        f.while(i32.geS(left, i32.const(panelColumns)), pass(position, channel, panelColumns)),
        when(left, pass(position, channel, panelColumns / 2)),
      ),
    ),
  );
}
