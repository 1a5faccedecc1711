import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { panelCount } from '../gemm/panels.js';
import type { Forward } from './forward-scope.js';
import { packPanels, scaleFloats } from './panel-tiles.js';
import { smaller } from './parts.js';
import { forwardSizes, panelBytes, panelQueries } from './sizes.js';

const keyBlock = forwardSizes.keys;

/** All keys by rows of their own, and the values of each block of keys. */
export function packImage(forward: Forward): Code {
  const { k, geometry, buffers, groups, local } = forward;
  const { f } = k;
  const { keys, size, values } = geometry;
  const [base, zero, all, steps, to] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const start = (from: Local, row: number) =>
    base.set(i32.add(from.get, i32.mul(local.image.get, i32.const(4 * keys * row))));
  const width = (lines: number) => lines;
  const packing = { from: i32.const(0), to: all, depth: steps };
  const packBlock = seq(
    blockSizes(forward),
    steps.set(local.blockSize.get),
    packPanels(
      k,
      { base, groups: groups.values, depth: keys, width, transposed: values },
      { ...packing, depthFrom: local.block, target: to.get },
    ),
    to.set(i32.add(to.get, i32.mul(steps.get, i32.const(4 * values)))),
  );
  return seq(
    zero.set(i32.const(0)),
    steps.set(i32.const(size)),
    all.set(i32.const(panelCount(groups.keys))),
    start(buffers.k, size),
    packPanels(
      k,
      { base, groups: groups.keys, depth: size, width },
      { ...packing, depthFrom: zero, target: local.keys.get },
    ),
    all.set(i32.const(panelCount(groups.values))),
    start(buffers.v, values),
    to.set(local.values.get),
    f.for({ to: i32.const(keys), step: keyBlock }, (key) => seq(local.key.set(key.get), packBlock)),
  );
}

/** The block in which a key is. */
export function blockSizes({
  geometry: { keys },
  local: { key, block, blockSize },
}: Forward): Code {
  const whole = i32.const(keyBlock);
  return seq(
    block.set(i32.mul(i32.divU(key.get, whole), whole)),
    blockSize.set(smaller(whole, i32.sub(i32.const(keys), block.get))),
  );
}

/** The queries of a tile, times the factor of the scores. */
export function packQueries({ k, geometry, buffers, groups, local }: Forward): Code {
  const { f } = k;
  const { size, scale } = geometry;
  const [base, zero, depth] = [f.i32(), f.i32(), f.i32()];
  const count = i32.sub(local.panelEnd.get, local.panel.get);
  return seq(
    zero.set(i32.const(0)),
    depth.set(i32.const(size)),
    base.set(i32.add(buffers.q.get, i32.mul(local.queryRows.get, i32.const(4 * size)))),
    packPanels(
      k,
      { base, groups: groups.queries, depth: size, width: () => panelQueries },
      {
        ...{ from: local.panel.get, to: local.panelEnd, target: local.queries.get },
        ...{ depthFrom: zero, depth },
      },
    ),
    scaleFloats(k, {
      from: local.queries.get,
      bytes: i32.mul(count, i32.const(panelBytes * size)),
      factor: scale,
    }),
  );
}
