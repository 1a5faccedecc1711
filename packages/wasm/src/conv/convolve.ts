import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { WindowCursor } from '../window/cursor.js';
import { panelBytes, panelsOf } from './panels.js';
import { ProductTile, panelColumns, type TileShape, tileRows } from './product-tile.js';
import { TapRows } from './tap-rows.js';

export interface Convolution {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  /** The filter as panels [groups, panel, taps * inChannels / groups, panelColumns]. */
  readonly panels: Local;
  readonly y: Local;
}

// Positions of y that are passed over with each panel while their windows stay in the cache.
const mostPositions = 96;
const segmentPositions = 48;

/** y = the convolution of x with a packed filter, float32. Threads share the rows of y. */
export function convolve(k: KernelFunction, { geometry, x, panels, y }: Convolution): Code {
  const { f } = k;
  const { outSize, batch, outChannels } = geometry;
  const cursor = new WindowCursor(f, geometry);
  const taps = new TapRows(k, cursor, geometry);
  const whole = taps.copied || outSize[2] <= mostPositions;
  const length = whole ? outSize[2] : segmentPositions;
  const segments = Math.ceil(outSize[2] / length);
  const [begin, end, row] = [f.i32(), f.i32(), f.i32()];
  const [first, count, out] = [f.i32(), f.i32(), f.i32()];
  const position = i32.add(i32.mul(row.get, i32.const(outSize[2])), first.get);
  const pass = groupSweep(k, { geometry, taps, panels, out, count });
  return seq(
    k.share(batch * outSize[0] * outSize[1] * segments, begin, end),
    taps.begin(),
    f.for({ from: begin.get, to: end.get }, (unit) =>
      seq(
        row.set(i32.divU(unit.get, i32.const(segments))),
        first.set(i32.mul(i32.remU(unit.get, i32.const(segments)), i32.const(length))),
        count.set(i32.sub(i32.const(outSize[2]), first.get)),
        count.set(k.min(count, i32.const(length))),
        cursor.moveToRow(row.get),
        cursor.moveToColumn(first.get),
        taps.moveTo(x),
        out.set(i32.add(y.get, i32.mul(position, i32.const(outChannels * 4)))),
        pass,
      ),
    ),
  );
}

interface Sweep {
  readonly geometry: ConvGeometry;
  readonly taps: TapRows;
  readonly panels: Local;
  /** Address of the first position in y, and how many positions. */
  readonly out: Local;
  readonly count: Local;
}

/** All groups and panels of columns for a row of positions. */
function groupSweep(k: KernelFunction, sweep: Sweep): Code {
  const { f } = k;
  const { geometry, taps, panels } = sweep;
  const { groups, inChannels, outChannels, window } = geometry;
  const [channels, columns] = [inChannels / groups, outChannels / groups];
  const depth = window[0] * window[1] * window[2] * channels;
  const [x, y, panel] = [f.i32(), f.i32(), f.i32()];
  const tile = new ProductTile(k);
  const pass = (width: number): Code =>
    seq(
      positionSweep(k, { ...sweep, tile, x, y, panel, columns: width }),
      panel.increase(panelBytes(depth)),
      y.increase(4 * width),
    );
  const whole = Math.floor(columns / panelColumns);
  const rest = columns - whole * panelColumns;
  const panelLoop = seq(
    whole > 0 ? f.for({ to: i32.const(whole) }, () => pass(panelColumns)) : [],
    rest > 0 ? pass(rest) : [],
  );
  return seq(
    x.set(taps.base.get),
    y.set(sweep.out.get),
    panel.set(panels.get),
    groups === 1
      ? panelLoop
      : f.for({ to: i32.const(groups) }, () => seq(panelLoop, x.increase(4 * channels))),
  );
}

interface PanelSweep extends Sweep {
  readonly tile: ProductTile;
  /** Addresses for the first position. */
  readonly x: Local;
  readonly y: Local;
  readonly panel: Local;
  readonly columns: number;
}

/** All positions of a row for one panel, a tile at a time. */
function positionSweep(k: KernelFunction, sweep: PanelSweep): Code {
  const { f } = k;
  const { geometry, columns, count } = sweep;
  const rows = tileRows(Math.ceil(columns / 4));
  const rowA = geometry.strides[2] * geometry.inChannels * 4;
  const rowY = geometry.outChannels * 4;
  const [x, y, left] = [f.i32(), f.i32(), f.i32()];
  const pass = (shape: TileShape): Code => {
    const { tile, taps, panel } = sweep;
    return seq(
      tile.clear(shape),
      taps.forRuns(x, panel, ({ a, b, count: steps }) =>
        tile.add(shape, {
          ...{ a, b, rowA, stepA: 4, stepB: 4 * panelColumns },
          count: i32.const(steps),
          padded: true,
        }),
      ),
      tile.store(shape, y.get, rowY),
    );
  };
  const rest = geometry.outSize[2] % rows;
  return seq(
    x.set(sweep.x.get),
    y.set(sweep.y.get),
    left.set(count.get),
    f.while(
      i32.geS(left.get, i32.const(rows)),
      seq(
        pass({ rows, columns }),
        x.increase(rows * rowA),
        y.increase(rows * rowY),
        left.increase(-rows),
      ),
    ),
    rest > 0 ? when(left.get, pass({ rows: rest, columns })) : [],
  );
}
