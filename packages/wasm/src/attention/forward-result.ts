import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { forPanels } from '../gemm/panels.js';
import type { Forward } from './forward-scope.js';
import { panelBytes } from './sizes.js';

interface Lanes {
  /** Queries of the panel. */
  readonly lines: number;
  /** The address of what the first has, and bytes from one to the next. */
  readonly at: Local;
  readonly bytes: number;
  /** Those of half of the panel. */
  readonly values: (half: number) => Code;
}

/** Stores a number of each query of a panel. */
function storeLanes({ k }: Forward, { lines, at, bytes, values }: Lanes): Code {
  const value = k.f.v128();
  const halves = Array.from({ length: Math.ceil(lines / 4) }, (_, half) => {
    const lanes = Array.from({ length: Math.min(4, lines - 4 * half) }, (_, lane) => lane);
    return seq(
      value.set(values(half)),
      ...lanes.map((lane) => v128.store32Lane(lane, at.get, value.get, bytes * (4 * half + lane))),
    );
  });
  return seq(...halves);
}

/** y = sums / total, and what the gradient needs of the scores. */
export function writeTile(forward: Forward): Code {
  const { k, geometry, buffers, groups, local, softmax } = forward;
  const { f } = k;
  const { values } = geometry;
  const [row, sums, at, index] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const inverses = [f.v128(), f.v128()];
  const mean = (half: number) =>
    f32x4.mul(v128.load(sums.get, 16 * half), (inverses[half] as Local).get);
  const rowOf = (base: Local, bytes: number) =>
    i32.add(base.get, i32.mul(row.get, i32.const(bytes)));
  const store = (lines: number, to: Local, of: (half: number) => Code) =>
    seq(at.set(rowOf(to, 4)), storeLanes(forward, { lines, at, bytes: 4, values: of }));
  const perPanel = (first: Local, lines: number): Code => {
    const perValue = storeLanes(forward, { lines, at, bytes: 4 * values, values: mean });
    return seq(
      softmax.select(index),
      row.set(i32.add(local.queryRows.get, first.get)),
      ...inverses.map((one, half) => one.set(f32x4.div(f32x4.const(1), softmax.total(half)))),
      store(lines, buffers.most, (half) => softmax.most(half)),
      store(lines, buffers.total, (half) => softmax.total(half)),
      sums.set(i32.add(local.sums.get, i32.mul(index.get, i32.const(values * panelBytes)))),
      at.set(rowOf(buffers.y, 4 * values)),
      f.for({ to: i32.const(values) }, () =>
        seq(perValue, sums.increase(panelBytes), at.increase(4)),
      ),
      index.increase(1),
    );
  };
  return seq(
    index.set(i32.const(0)),
    forPanels(f, { groups: groups.queries, from: local.panel.get, to: local.panelEnd }, perPanel),
  );
}
