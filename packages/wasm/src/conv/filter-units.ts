import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { panelsOf } from './panels.js';
import { type ProductTile, panelColumns, type TileShape, tileRows } from './product-tile.js';

export interface FilterGradient {
  readonly geometry: ConvGeometry;
  readonly x: Local;
  readonly dy: Local;
  readonly dFilter: Local;
}

// With fewer pieces of work threads would get too uneven shares.
const fewUnits = 16;

/** Elements of dFilter that a thread computes: some channels at a tap, or at a row of taps, by the outputs of a panel. */
export interface Unit {
  readonly tap: readonly [Local, Local, Local];
  readonly group: Local;
  readonly panel: Local;
  /** Which part of the channels. */
  readonly part: Local;
  /** Address in dFilter of the tap's first channel. */
  readonly to: Local;
}

/** Into how many parts channels are cut so that threads get even shares. */
function partsOf(geometry: ConvGeometry): number {
  const { window, inChannels, outChannels, groups } = geometry;
  const taps = window[0] * window[1] * (isJoined(geometry) ? 1 : window[2]);
  const units = groups * panelsOf(outChannels / groups) * taps;
  const most = Math.ceil(((isJoined(geometry) ? window[2] : 1) * inChannels) / groups / 8);
  return Math.max(1, Math.min(Math.ceil(fewUnits / units), most));
}

/** How many units there are, and code that goes to one by its number. */
export function unitsOf(
  { f }: KernelFunction,
  { geometry, dFilter }: FilterGradient,
  { tap, group, panel, part, to }: Unit,
): { readonly units: number; locate(number: Local): Code } {
  const { window, inChannels, outChannels, groups } = geometry;
  const panels = panelsOf(outChannels / groups);
  const digits: (readonly [Local, number])[] = [
    [group, groups],
    [part, partsOf(geometry)],
    [panel, panels],
    [tap[0], window[0]],
    [tap[1], window[1]],
    ...(isJoined(geometry) ? [] : [[tap[2], window[2]] as const]),
  ];
  const rest = f.i32();
  const line = i32.add(i32.mul(tap[0].get, i32.const(window[1])), tap[1].get);
  const number = i32.add(i32.mul(line, i32.const(window[2])), tap[2].get);
  const bytes = i32.mul(number, i32.const((inChannels / groups) * outChannels * 4));
  const outputs = i32.shl(firstOutput(geometry, { group, panel }), i32.const(2));
  return {
    units: digits.reduce((all, [, size]) => all * size, 1),
    locate: (unit) =>
      seq(
        rest.set(unit.get),
        ...digits
          .map(([digit, size]) =>
            seq(
              digit.set(i32.remU(rest.get, i32.const(size))),
              rest.set(i32.divU(rest.get, i32.const(size))),
            ),
          )
          .reverse(),
        to.set(i32.add(dFilter.get, i32.add(bytes, outputs))),
      ),
  };
}

/** The first output channel of a unit. */
export const firstOutput = (
  { outChannels, groups }: ConvGeometry,
  { group, panel }: Pick<Unit, 'group' | 'panel'>,
): Code =>
  i32.add(
    i32.mul(group.get, i32.const(outChannels / groups)),
    i32.mul(panel.get, i32.const(panelColumns)),
  );

/** Whether the taps along the last axis lie side by side with all their channels, at every position. */
export function isJoined({
  groups,
  dilations,
  window,
  padBefore,
  ...sizes
}: ConvGeometry): boolean {
  const last = (sizes.outSize[2] - 1) * sizes.strides[2] + window[2] - 1;
  return groups === 1 && dilations[2] === 1 && padBefore[2] === 0 && last < sizes.inSize[2];
}

export interface UnitSweep extends FilterGradient, Unit {
  readonly tiles: ProductTile;
}

/** Passes over the tiles of channels at a tap: reads or clears the sums, and stores them. */
export function forTiles(
  k: KernelFunction,
  { geometry, tiles, panel, part, to }: UnitSweep,
  body: (shape: TileShape, channel: Local, at: Local) => Code,
): Code {
  const { f } = k;
  const { groups, inChannels, outChannels, window } = geometry;
  const channels = (isJoined(geometry) ? window[2] : 1) * (inChannels / groups);
  const perGroup = outChannels / groups;
  const [at, channel, tile, end] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const rowBytes = outChannels * 4;
  const parts = partsOf(geometry);
  const column = (columns: number): Code => {
    const rows = tileRows(Math.ceil(columns / 4));
    const pass = (shape: TileShape): Code =>
      seq(
        body(shape, channel, at),
        tiles.store(shape, at.get, rowBytes),
        at.increase(shape.rows * rowBytes),
        channel.increase(shape.rows * 4),
      );
    const whole = Math.floor(channels / rows);
    const rest = channels - whole * rows;
    const cut = (number: Code): Code =>
      parts === 1
        ? i32.const(whole)
        : i32.divU(i32.mul(number, i32.const(whole)), i32.const(parts));
    const isLast = i32.eq(part.get, i32.const(parts - 1));
    const last = rest > 0 ? pass({ rows: rest, columns }) : [];
    return seq(
      tile.set(parts === 1 ? i32.const(0) : cut(part.get)),
      end.set(cut(i32.add(part.get, i32.const(1)))),
      at.set(i32.add(to.get, i32.mul(tile.get, i32.const(rows * rowBytes)))),
      channel.set(i32.mul(tile.get, i32.const(rows * 4))),
      f.while(i32.ltS(tile.get, end.get), seq(pass({ rows, columns }), tile.increase(1))),
      parts === 1 ? last : when(isLast, last),
    );
  };
  const whole = Math.floor(perGroup / panelColumns);
  const rest = perGroup - whole * panelColumns;
  if (rest === 0) return column(panelColumns);
  if (whole === 0) return column(rest);
  return when(i32.ltU(panel.get, i32.const(whole)), column(panelColumns), column(rest));
}
