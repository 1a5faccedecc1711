import { type Code, seq } from '../encoder/code.js';
import { choose, type FunctionBuilder, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { tileColumns, tileRows } from './tile.js';

/** Panels side by side that have equally many lines. */
export interface PanelGroup {
  readonly lines: number;
  readonly count: number;
}

const groups = (...all: readonly PanelGroup[]): PanelGroup[] =>
  all.filter(({ lines, count }) => lines * count > 0);

/**
 * Rows in panels of as many as a tile has, and of one less: a last panel of 1 or 2 rows would take as long as one of 4, as its
 * few sums wait for each other.
 */
export function rowPanels(m: number, tallest = tileRows): PanelGroup[] {
  const lower = tallest - 1;
  const fewer = (tallest - (m % tallest)) % tallest;
  if (lower * fewer <= m) {
    const most = { lines: tallest, count: (m - lower * fewer) / tallest };
    return groups(most, { lines: lower, count: fewer });
  }
  const count = Math.ceil(m / lower);
  const lines = Math.ceil(m / count);
  const short = count * lines - m;
  return groups({ lines, count: count - short }, { lines: lines - 1, count: short });
}

/** Panels of `width` lines, of which the last may have fewer. */
export const evenPanels = (lines: number, width: number): PanelGroup[] =>
  groups({ lines: width, count: Math.floor(lines / width) }, { lines: lines % width, count: 1 });

export const columnPanels = (n: number): PanelGroup[] => evenPanels(n, tileColumns);

export const panelCount = (all: readonly PanelGroup[]): number =>
  all.reduce((sum, { count }) => sum + count, 0);

/** The panels to pass over; the range must not change meanwhile. */
interface Pass {
  readonly groups: readonly PanelGroup[];
  readonly from: Code;
  readonly to: Local;
}

/** Panel by panel; the body is written once for each group. `first` is the first line of the panel. */
export function forPanels(
  f: FunctionBuilder,
  { groups, from, to }: Pass,
  body: (first: Local, lines: number) => Code,
): Code {
  const [panel, end, first] = [f.i32(), f.i32(), f.i32()];
  let [startPanel, startLine] = [0, 0];
  const parts = groups.map(({ lines, count }) => {
    const before = startLine - startPanel * lines;
    startPanel += count;
    startLine += count * lines;
    const limit = i32.const(startPanel);
    const turn = seq(
      first.set(i32.add(i32.mul(panel.get, i32.const(lines)), i32.const(before))),
      body(first, lines),
      panel.increase(1),
    );
    const within = i32.ltS(panel.get, end.get);
    return seq(
      end.set(choose(i32.ltS(to.get, limit), to.get, limit)),
      count === 1 ? when(within, turn) : f.while(within, turn),
    );
  });
  return seq(panel.set(from), ...parts);
}
