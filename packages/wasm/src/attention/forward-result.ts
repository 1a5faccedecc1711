import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { forPanels } from '../gemm/panels.js';
import type { Forward } from './forward-scope.js';
import { panelBytes } from './sizes.js';

/** y = sums / total, and what the gradient needs of the scores. */
export function writeTile({
  k,
  geometry: { values },
  buffers,
  groups,
  local,
  softmax,
}: Forward): Code {
  const { f } = k;
  const [row, sums, y, at, index] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const [value, inverses] = [f.v128(), [f.v128(), f.v128()]];
  const lanesOf = (lines: number, half: number) =>
    Array.from({ length: Math.min(4, lines - 4 * half) }, (_, lane) => lane);
  const write = (lines: number, store: (half: number, lanes: readonly number[]) => Code) =>
    seq(...inverses.map((_, half) => store(half, lanesOf(lines, half))));
  const perPanel = (first: Local, lines: number): Code => {
    const perValue = write(lines, (half, lanes) =>
      seq(
        value.set(f32x4.mul(v128.load(sums.get, 16 * half), (inverses[half] as Local).get)),
        ...lanes.map((lane) =>
          v128.store32Lane(lane, y.get, value.get, 4 * values * (4 * half + lane)),
        ),
      ),
    );
    const stats = (to: Local, stat: (half: number) => Code) =>
      seq(
        at.set(i32.add(to.get, i32.shl(row.get, i32.const(2)))),
        write(lines, (half, lanes) =>
          seq(
            value.set(stat(half)),
            ...lanes.map((lane) =>
              v128.store32Lane(lane, at.get, value.get, 4 * (4 * half + lane)),
            ),
          ),
        ),
      );
    return seq(
      softmax.select(index),
      row.set(i32.add(local.queryRows.get, first.get)),
      ...inverses.map((inverse, half) =>
        inverse.set(f32x4.div(f32x4.const(1), softmax.total(half))),
      ),
      stats(buffers.most, (half) => softmax.most(half)),
      stats(buffers.total, (half) => softmax.total(half)),
      sums.set(i32.add(local.sums.get, i32.mul(index.get, i32.const(values * panelBytes)))),
      y.set(i32.add(buffers.y.get, i32.mul(row.get, i32.const(4 * values)))),
      f.for({ to: i32.const(values) }, () =>
        seq(perValue, sums.increase(panelBytes), y.increase(4)),
      ),
      index.increase(1),
    );
  };
  return seq(
    index.set(i32.const(0)),
    forPanels(f, { groups: groups.queries, from: local.panel.get, to: local.panelEnd }, perPanel),
  );
}
