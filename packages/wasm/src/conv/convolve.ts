import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { WindowCursor } from '../window/cursor.js';
import { type Finish, finishRows } from '../window/finish.js';
import { panelBytes, panelsOf } from './panels.js';
import { ProductTile, panelColumns, type TileShape, tileRows } from './product-tile.js';
import { rowShares } from './row-shares.js';
import { TapRows } from './tap-rows.js';

export interface Convolution {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  /** The filter as panels [groups, panel, taps * inChannels / groups, panelColumns]. */
  readonly panels: Local;
  readonly y: Local;
  readonly finish?: Finish | undefined;
}

/** Positions of a row of y and columns of a filter that are worked on. */
interface Piece {
  /** The number of the first position, its address in y, and how many positions. */
  readonly position: Local;
  readonly out: Local;
  readonly count: Local;
  /** Panels of columns. */
  readonly from: Local;
  readonly to: Local;
}

/** y = the convolution of x with a packed filter, float32. Threads share the rows of y, and where they are few its columns. */
export function convolve(k: KernelFunction, given: Convolution): Code {
  const { f } = k;
  const { geometry, x, y, finish } = given;
  const { outSize, batch, outChannels, groups } = geometry;
  const cursor = new WindowCursor(f, geometry);
  const { length, segments, parts } = rowShares(geometry);
  const taps = new TapRows(k, cursor, { geometry, length });
  const piece: Piece = {
    ...{ position: f.i32(), out: f.i32(), count: f.i32(), from: f.i32(), to: f.i32() },
  };
  const [begin, end, rest, first] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const rows = batch * outSize[0] * outSize[1];
  const panels = panelsOf(outChannels / groups);
  const part = i32.divU(rest.get, i32.const(rows * segments));
  const cut = (number: Code): Code =>
    i32.divU(i32.mul(number, i32.const(panels)), i32.const(parts));
  const locate = seq(
    piece.from.set(parts === 1 ? i32.const(0) : cut(part)),
    piece.to.set(parts === 1 ? i32.const(panels) : cut(i32.add(part, i32.const(1)))),
    rest.set(i32.remU(rest.get, i32.const(rows * segments))),
    first.set(i32.mul(i32.remU(rest.get, i32.const(segments)), i32.const(length))),
    rest.set(i32.divU(rest.get, i32.const(segments))),
    piece.count.set(i32.sub(i32.const(outSize[2]), first.get)),
    piece.count.set(k.min(piece.count, i32.const(length))),
    piece.position.set(i32.add(i32.mul(rest.get, i32.const(outSize[2])), first.get)),
    piece.out.set(i32.add(y.get, i32.mul(piece.position.get, i32.const(outChannels * 4)))),
  );
  const inTile = (outChannels / groups) % 4 === 0 || groups === 1;
  const sweep: Sweep = { ...given, taps, piece, finish: inTile ? finish : undefined };
  return seq(
    k.share(rows * segments * parts, begin, end),
    taps.begin(),
    f.for({ from: begin.get, to: end.get }, (unit) =>
      seq(
        rest.set(unit.get),
        locate,
        cursor.moveToRow(rest.get),
        cursor.moveToColumn(first.get),
        taps.moveTo(x),
        groupSweep(k, sweep),
        finish && !inTile ? finishPiece(k, { finish, piece, columns: outChannels }) : [],
      ),
    ),
  );
}

function finishPiece(
  k: KernelFunction,
  { finish, piece, columns }: { finish: Finish; piece: Piece; columns: number },
): Code {
  const { out, position, count } = piece;
  return finishRows(k, {
    ...{ finish, from: out, to: out, row: position, count: count.get, columns },
  });
}

interface Sweep extends Convolution {
  readonly taps: TapRows;
  readonly piece: Piece;
}

/** All groups and panels of columns of a piece. */
function groupSweep(k: KernelFunction, sweep: Sweep): Code {
  const { f } = k;
  const { geometry, taps, piece, panels } = sweep;
  const { groups, inChannels, outChannels, window } = geometry;
  const [channels, columns] = [inChannels / groups, outChannels / groups];
  const depth = window[0] * window[1] * window[2] * channels;
  const [x, y, panel, column, number] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const tile = new ProductTile(k);
  const pass = (width: number): Code =>
    seq(
      positionSweep(k, { ...sweep, tile, x, y, panel, column, columns: width }),
      panel.increase(panelBytes(depth)),
      y.increase(4 * width),
      column.increase(width),
      number.increase(1),
    );
  const whole = Math.floor(columns / panelColumns);
  const rest = columns - whole * panelColumns;
  const before = i32.and(i32.ltU(number.get, piece.to.get), i32.ltU(number.get, i32.const(whole)));
  const panelLoop = seq(
    number.set(piece.from.get),
    whole > 0 ? f.while(before, pass(panelColumns)) : [],
    rest > 0 ? when(i32.ltU(number.get, piece.to.get), pass(rest)) : [],
  );
  return seq(
    x.set(taps.base.get),
    column.set(i32.mul(piece.from.get, i32.const(panelColumns))),
    y.set(i32.add(piece.out.get, i32.mul(piece.from.get, i32.const(panelColumns * 4)))),
    panel.set(i32.add(panels.get, i32.mul(piece.from.get, i32.const(panelBytes(depth))))),
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
  /** The first column of the panel. */
  readonly column: Local;
  readonly columns: number;
}

/** All positions of a piece for one panel, a tile at a time. */
function positionSweep(k: KernelFunction, sweep: PanelSweep): Code {
  const { f } = k;
  const { geometry, columns, piece, finish, column } = sweep;
  const rows = tileRows(Math.ceil(columns / 4));
  const rowA = geometry.strides[2] * geometry.inChannels * 4;
  const rowY = geometry.outChannels * 4;
  const [x, y, left, row] = [f.i32(), f.i32(), f.i32(), f.i32()];
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
      finish ? tile.finish(shape, { row, column, finish }) : [],
      tile.store(shape, y.get, rowY),
    );
  };
  const rest = geometry.outSize[2] % rows;
  return seq(
    x.set(sweep.x.get),
    y.set(sweep.y.get),
    row.set(piece.position.get),
    left.set(piece.count.get),
    f.while(
      i32.geS(left.get, i32.const(rows)),
      seq(
        pass({ rows, columns }),
        x.increase(rows * rowA),
        y.increase(rows * rowY),
        row.increase(rows),
        left.increase(-rows),
      ),
    ),
    rest > 0 ? when(left.get, pass({ rows: rest, columns })) : [],
  );
}
