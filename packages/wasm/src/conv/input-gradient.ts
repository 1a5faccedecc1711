import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryCopy, memoryFill, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Finish, finishRows } from '../window/finish.js';
import { panelBytes, panelsOf } from './panels.js';
import { ProductTile, panelColumns, type TileShape, tileRows } from './product-tile.js';

export interface InputGradient {
  readonly geometry: ConvGeometry;
  readonly dy: Local;
  /** The matrices of `gradientTaps` as panels [groups, tap, panel, outChannels / groups, panelColumns]. */
  readonly panels: Local;
  readonly dx: Local;
  readonly finish?: Finish | undefined;
}

/** The matrices, [outChannels / groups, columns], that rows of dy are multiplied with. */
export interface GradientTaps {
  /** How many there are along the last axis. */
  readonly taps: number;
  readonly columns: number;
  /** Whether a matrix holds all taps of a row, so that what neighbours of dy give overlaps. */
  readonly joined: boolean;
}

/** Few channels leave lanes of a tile empty; the taps of a row lie side by side in dx and may fill them. */
export function gradientTaps({
  groups,
  dilations,
  window,
  inChannels,
}: ConvGeometry): GradientTaps {
  const vectors = (columns: number): number => Math.ceil(columns / 4);
  const fills = vectors(window[2] * inChannels) < window[2] * vectors(inChannels);
  const joined = groups === 1 && dilations[2] === 1 && inChannels < panelColumns && fills;
  return joined
    ? { taps: 1, columns: window[2] * inChannels, joined }
    : { taps: window[2], columns: inChannels / groups, joined };
}

/**
 * dx, float32. Threads share its rows; a row is the sum over taps of rows of dy times the tap's matrix, collected where there is
 * room for what lies in the padding.
 */
export function inputGradient(k: KernelFunction, given: InputGradient): Code {
  const { f } = k;
  const { geometry, dx, finish } = given;
  const { batch, inSize, outSize, window, strides, dilations, padBefore, inChannels } = geometry;
  const bytes = inChannels * 4;
  const reach = (outSize[2] - 1) * strides[2] + (window[2] - 1) * dilations[2] + 1;
  const roomy = padBefore[2] > 0 || reach > inSize[2];
  const width = Math.max(reach, padBefore[2] + inSize[2]);
  const line = inSize[2] * bytes;
  const [begin, end, sums, target, rest] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const [place, position] = [[f.i32(), f.i32()] as const, f.i32()];
  const taps = tapSweep(k, { ...given, place, image: rest, sums });
  return seq(
    k.share(batch * inSize[0] * inSize[1], begin, end),
    f.for({ from: begin.get, to: end.get }, (row) =>
      seq(
        target.set(i32.add(dx.get, i32.mul(row.get, i32.const(line)))),
        sums.set(roomy ? k.own(width * bytes) : target.get),
        memoryFill(sums.get, i32.const(0), i32.const(roomy ? width * bytes : line)),
        rest.set(i32.divU(row.get, i32.const(inSize[1]))),
        place[1].set(i32.remU(row.get, i32.const(inSize[1]))),
        place[0].set(i32.remU(rest.get, i32.const(inSize[0]))),
        rest.set(i32.divU(rest.get, i32.const(inSize[0]))),
        taps,
        roomy ? sums.increase(padBefore[2] * bytes) : [],
        finish
          ? seq(
              position.set(i32.mul(row.get, i32.const(inSize[2]))),
              finishRows(k, {
                ...{ finish, from: sums, to: target, row: position, columns: inChannels },
                count: i32.const(inSize[2]),
              }),
            )
          : [],
        roomy && !finish ? memoryCopy(target.get, sums.get, i32.const(line)) : [],
      ),
    ),
  );
}

interface TapSweep extends InputGradient {
  /** The row of dx: its plane and its line in an image. */
  readonly place: readonly [Local, Local];
  readonly image: Local;
  readonly sums: Local;
}

/** Adds what every tap gives to a row of dx. */
function tapSweep(k: KernelFunction, sweep: TapSweep): Code {
  const { f } = k;
  const { geometry, place, image, dy, panels } = sweep;
  const { outSize, window, strides, dilations, padBefore, outChannels, groups } = geometry;
  const { columns, taps } = gradientTaps(geometry);
  const tapBytes = panelsOf(columns) * panelBytes(outChannels / groups);
  const from = [f.i32(), f.i32()] as const;
  const [source, panel] = [f.i32(), f.i32()];
  const rows = rowSweep(k, { ...sweep, source, panel });
  const axis = (i: 0 | 1, body: (tap: Code) => Code): Code =>
    f.for({ to: i32.const(window[i]) }, (tap) => {
      const offset = i32.sub(
        i32.add(place[i].get, i32.const(padBefore[i])),
        i32.mul(tap.get, i32.const(dilations[i])),
      );
      const meets = i32.ltU(from[i].get, i32.const((outSize[i] - 1) * strides[i] + 1));
      const inside =
        strides[i] === 1
          ? meets
          : i32.and(meets, i32.eqz(i32.remU(from[i].get, i32.const(strides[i]))));
      return seq(from[i].set(offset), when(inside, body(tap.get)));
    });
  const position = (i: 0 | 1): Code => i32.divU(from[i].get, i32.const(strides[i]));
  return axis(0, (a) =>
    axis(1, (b) => {
      const plane = i32.add(i32.mul(image.get, i32.const(outSize[0])), position(0));
      const line = i32.add(i32.mul(plane, i32.const(outSize[1])), position(1));
      const tap = i32.add(i32.mul(a, i32.const(window[1])), b);
      return seq(
        source.set(i32.add(dy.get, i32.mul(line, i32.const(outSize[2] * outChannels * 4)))),
        panel.set(i32.add(panels.get, i32.mul(tap, i32.const(taps * tapBytes)))),
        rows,
      );
    }),
  );
}

interface RowSweep extends TapSweep {
  /** The row of dy, and the panels of its first tap. */
  readonly source: Local;
  readonly panel: Local;
}

/** Adds a row of dy times the matrices of a row of taps. */
function rowSweep(k: KernelFunction, sweep: RowSweep): Code {
  const { f } = k;
  const { geometry, source, panel, sums } = sweep;
  const { window, dilations, inChannels, outChannels, groups } = geometry;
  const { columns: channels, taps: rowTaps } = gradientTaps(geometry);
  const depth = outChannels / groups;
  const taps = window[0] * window[1] * rowTaps;
  const [to, group, b, tapSums] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const tile = new ProductTile(k);
  const pass = (columns: number): Code =>
    seq(
      positionSweep(k, { ...sweep, tile, to, from: group, b, columns }),
      b.increase(panelBytes(depth)),
      to.increase(4 * columns),
    );
  const whole = Math.floor(channels / panelColumns);
  const rest = channels - whole * panelColumns;
  const tapBytes = panelsOf(channels) * panelBytes(depth);
  return seq(
    tapSums.set(sums.get),
    f.for({ to: i32.const(rowTaps) }, (tap) =>
      seq(
        group.set(source.get),
        to.set(tapSums.get),
        b.set(i32.add(panel.get, i32.mul(tap.get, i32.const(tapBytes)))),
        f.for({ to: i32.const(groups) }, () =>
          seq(
            whole > 0 ? f.for({ to: i32.const(whole) }, () => pass(panelColumns)) : [],
            rest > 0 ? pass(rest) : [],
            group.increase(4 * depth),
            b.increase((taps - 1) * tapBytes),
          ),
        ),
        tapSums.increase(dilations[2] * inChannels * 4),
      ),
    ),
  );
}

interface PanelSweep extends RowSweep {
  readonly tile: ProductTile;
  readonly to: Local;
  readonly from: Local;
  readonly b: Local;
  readonly columns: number;
}

/** Adds the products of all positions of a row of dy with one panel. */
function positionSweep(k: KernelFunction, sweep: PanelSweep): Code {
  const { f } = k;
  const { geometry, tile, columns } = sweep;
  const { strides, inChannels, outChannels, outSize, groups } = geometry;
  const { joined } = gradientTaps(geometry);
  const rows = tileRows(Math.ceil(columns / 4));
  const [rowA, rowTo] = [outChannels * 4, strides[2] * inChannels * 4];
  const [at, a, b, to] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const pass = (shape: TileShape): Code =>
    seq(
      a.set(at.get),
      b.set(sweep.b.get),
      joined ? tile.clear(shape) : tile.load(shape, to.get, rowTo),
      tile.add(shape, {
        ...{ a, b, rowA, stepA: 4, stepB: 4 * panelColumns },
        count: i32.const(outChannels / groups),
        padded: true,
      }),
      joined ? tile.addTo(shape, to.get, rowTo) : tile.store(shape, to.get, rowTo),
      at.increase(shape.rows * rowA),
      to.increase(shape.rows * rowTo),
    );
  const whole = Math.floor(outSize[2] / rows);
  const rest = outSize[2] - whole * rows;
  return seq(
    at.set(sweep.from.get),
    to.set(sweep.to.get),
    whole > 0 ? f.for({ to: i32.const(whole) }, () => pass({ rows, columns })) : [],
    rest > 0 ? pass({ rows: rest, columns }) : [],
  );
}
