import type { AttentionGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { forPieces } from '../gemm/for-pieces.js';
import { panelCount } from '../gemm/panels.js';
import { tileRows } from '../gemm/tile.js';
import { blockSizes, packImage, packQueries } from './forward-operands.js';
import { writeTile } from './forward-result.js';
import { type Forward, type ForwardBuffers, forwardScope, scratch } from './forward-scope.js';
import { multiplyPanels } from './panel-tiles.js';
import { foldedPlace, smaller } from './parts.js';
import { forwardSizes, panelBytes, panelQueries } from './sizes.js';

const { panels: tilePanels, keys: keyBlock } = forwardSizes;

/**
 * y = softmax(scale q k^T + mask) v, block of keys by block. Scores lie transposed, queries side by side in lanes, so that the
 * largest score and the sum of each query are found without sums across lanes, and weights are a packed operand as they are.
 */
export function attendForward(
  k: KernelFunction,
  geometry: AttentionGeometry,
  buffers: ForwardBuffers,
): Code {
  const { batch, queries } = geometry;
  const forward = forwardScope(k, geometry, buffers);
  const { local } = forward;
  const units = Math.ceil(panelCount(forward.groups.queries) / tilePanels);
  const images = batch.reduce((all, size) => all * size, 1);
  const perImage = ({ image }: { image: Local }) =>
    seq(
      local.image.set(image.get),
      forward.masking.select(image),
      local.queryRows.set(i32.mul(image.get, i32.const(queries))),
      packImage(forward),
    );
  return seq(
    scratch(forward),
    forPieces(k, { batch: images, units }, (piece) =>
      seq(
        perImage(piece),
        k.f.for({ from: piece.from.get, to: piece.to.get }, (tile) => attendTile(forward, tile)),
      ),
    ),
  );
}

function attendTile(forward: Forward, tile: Local): Code {
  const { k, geometry, groups, local, masking, softmax } = forward;
  const { f } = k;
  const { keys, causal } = geometry;
  const seenEnd = i32.mul(local.panelEnd.get, i32.const(panelQueries));
  const tiles = i32.divU(i32.add(seenEnd, i32.const(tileRows - 1)), i32.const(tileRows));
  const visible = smaller(i32.mul(tiles, i32.const(tileRows)), i32.const(keys));
  // Queries of which a mask hides all that they might see have the mean of all values, those of the future too.
  const sees = when(
    i32.eq(local.key.get, local.seen.get),
    softmax.whereBlind(
      i32.sub(local.panelEnd.get, local.panel.get),
      local.seen.set(i32.const(keys)),
    ),
  );
  const panels = panelCount(groups.queries);
  const place = foldedPlace(tile, Math.ceil(panels / tilePanels), causal);
  return seq(
    local.panel.set(i32.mul(place, i32.const(tilePanels))),
    local.panelEnd.set(smaller(i32.add(local.panel.get, i32.const(tilePanels)), i32.const(panels))),
    packQueries(forward),
    clearSums(forward),
    softmax.clear(tilePanels),
    local.key.set(i32.const(0)),
    local.seen.set(causal ? visible : i32.const(keys)),
    f.while(
      i32.ltS(local.key.get, local.seen.get),
      seq(attendBlock(forward), causal && masking.given ? sees : []),
    ),
    writeTile(forward),
  );
}

/** The next keys meet all queries of the tile. */
function attendBlock(forward: Forward): Code {
  const { k, geometry, local, masking, softmax } = forward;
  const { f } = k;
  const [index, first] = [f.i32(), f.i32()];
  const placeOf = (base: Local, lines: number) =>
    i32.add(base.get, i32.mul(index.get, i32.const(lines * panelBytes)));
  const perPanel = (panel: Local) =>
    seq(
      index.set(i32.sub(panel.get, local.panel.get)),
      first.set(i32.mul(panel.get, i32.const(panelQueries))),
      local.panelQueries.set(placeOf(local.queries, geometry.size)),
      local.panelSums.set(placeOf(local.sums, geometry.values)),
      masking.panel(first),
      softmax.select(index),
      computeScores(forward),
      softmax.update({ scores: local.scores, from: local.key, to: local.keyEnd, first }),
      addWeighted(forward),
    );
  return seq(
    blockSizes(forward),
    local.keyEnd.set(smaller(i32.add(local.block.get, local.blockSize.get), local.seen.get)),
    f.for({ from: local.panel.get, to: local.panelEnd.get }, perPanel),
    local.key.set(local.keyEnd.get),
  );
}

function computeScores({ k, geometry, registers, groups, local }: Forward): Code {
  const { size } = geometry;
  const end = k.f.i32();
  const panelOf = (key: Code) => i32.divU(key, i32.const(tileRows));
  return seq(
    end.set(panelOf(i32.add(local.keyEnd.get, i32.const(tileRows - 1)))),
    multiplyPanels(k, registers, {
      ...{ groups: groups.keys, from: panelOf(local.key.get), to: end },
      a: (key) => i32.add(local.keys.get, i32.mul(key.get, i32.const(4 * size))),
      ...{ b: local.panelQueries.get, depth: i32.const(size) },
      c: (key) =>
        i32.add(local.scores.get, i32.mul(i32.sub(key.get, local.key.get), i32.const(panelBytes))),
    }),
  );
}

/** sums = sums * (what the scores before have lost) + weights * values */
function addWeighted({ k, geometry, registers, groups, local, softmax }: Forward): Code {
  const { keys, values } = geometry;
  const [all, base, skipped] = [k.f.i32(), k.f.i32(), k.f.i32()];
  return seq(
    all.set(i32.const(panelCount(groups.values))),
    base.set(i32.add(local.values.get, i32.mul(local.block.get, i32.const(4 * values)))),
    skipped.set(i32.sub(local.key.get, local.block.get)),
    multiplyPanels(k, registers, {
      ...{ groups: groups.values, from: i32.const(0), to: all },
      a: (value, lines) => {
        const panel = i32.mul(value.get, i32.shl(local.blockSize.get, i32.const(2)));
        const step = i32.mul(skipped.get, i32.const(4 * lines));
        return i32.add(base.get, keys > keyBlock ? i32.add(panel, step) : panel);
      },
      ...{ b: local.scores.get, depth: i32.sub(local.keyEnd.get, local.key.get) },
      c: (value) => i32.add(local.panelSums.get, i32.mul(value.get, i32.const(panelBytes))),
      finish: ({ sum, column }, place) =>
        sum.set(k.fma(v128.load(place), softmax.decay(column / 4), sum.get)),
    }),
  );
}

const clearSums = ({ k, geometry: { values }, local }: Forward): Code =>
  k.f.for({ to: i32.const(tilePanels * values * panelBytes), step: 16 }, (at) =>
    v128.store(i32.add(local.sums.get, at.get), f32x4.const(0)),
  );
