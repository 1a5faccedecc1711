import type { AttentionGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type PanelGroup, panelCount } from '../gemm/panels.js';
import { apartRows, tileRows } from '../gemm/tile.js';
import { type Backward, type BackwardBuffers, backwardScope, scratch } from './backward-scope.js';
import { attendGradientBlock } from './gradient-block.js';
import { packPanels, scaleFloats } from './panel-tiles.js';
import { addParts, foldedPlace, partsOf, smaller } from './parts.js';
import { backwardSizes, panelBytes, panelQueries } from './sizes.js';

const { panels: tilePanels, keys: keyBlock } = backwardSizes;

/**
 * dq, dk and dv from weights that are computed again. A thread owns some keys of a matrix of the batch, and meets them with all
 * queries in turn: so it sums dk and dv alone. Where keys are parted, each part has sums for dq, which are added at the end.
 */
export function attendBackward(
  k: KernelFunction,
  geometry: AttentionGeometry,
  buffers: BackwardBuffers,
): Code {
  const { batch, queries, keys, size } = geometry;
  const images = batch.reduce((all, one) => all * one, 1);
  const parts = partsOf({ images, keys, block: keyBlock });
  const backward = backwardScope(k, geometry, buffers);
  const { local, masking } = backward;
  const [unit, end] = [k.f.i32(), k.f.i32()];
  const dqBytes = 4 * queries * size;
  const sums = parts.count === 1 ? null : k.shared(images * parts.count * dqBytes);
  const perUnit = seq(
    local.image.set(i32.divU(unit.get, i32.const(parts.count))),
    local.part.set(i32.remU(unit.get, i32.const(parts.count))),
    local.part.set(foldedPlace(local.part, parts.count, geometry.causal)),
    local.dq.set(i32.add(sums ?? buffers.dq.get, i32.mul(unit.get, i32.const(dqBytes)))),
    local.keyFrom.set(i32.mul(local.part.get, i32.const(parts.keys))),
    local.keyTo.set(smaller(i32.add(local.keyFrom.get, i32.const(parts.keys)), i32.const(keys))),
    masking.select(local.image),
    attendKeys(backward),
    unit.increase(1),
  );
  const add =
    sums &&
    addParts(k, { images, parts: parts.count, elements: queries * size, sums, to: buffers.dq });
  return seq(
    scratch(backward, parts.keys),
    k.share(images * parts.count, unit, end),
    k.f.while(i32.ltS(unit.get, end.get), perUnit),
    add ? seq(k.barrier(), add, k.barrier()) : [],
  );
}

/** A part of the keys of a matrix of the batch meets all queries. */
function attendKeys(backward: Backward): Code {
  const { k, geometry, buffers, groups, local } = backward;
  const { queries, keys, size, values } = geometry;
  const tiles = Math.ceil(panelCount(groups.panels) / tilePanels);
  const clear = (at: Code, bytes: Code) => memoryFill(at, i32.const(0), bytes);
  const partRows = i32.sub(local.keyTo.get, local.keyFrom.get);
  const firstRow = i32.add(local.keyRows.get, local.keyFrom.get);
  const clearPart = (to: Local, row: number) =>
    clear(
      i32.add(to.get, i32.mul(firstRow, i32.const(4 * row))),
      i32.mul(partRows, i32.const(4 * row)),
    );
  const pack = (from: Local, row: number, to: Local) =>
    packRows(backward, {
      ...{ from, firstRow: local.keyRows.get, row, groups: groups.keys, to: to.get },
      panel: i32.divU(local.keyFrom.get, i32.const(tileRows)),
      panelEnd: i32.divU(i32.add(local.keyTo.get, i32.const(tileRows - 1)), i32.const(tileRows)),
    });
  return seq(
    local.queryRows.set(i32.mul(local.image.get, i32.const(queries))),
    local.keyRows.set(i32.mul(local.image.get, i32.const(keys))),
    clear(local.dq.get, i32.const(4 * queries * size)),
    clearPart(buffers.dk, size),
    clearPart(buffers.dv, values),
    pack(buffers.k, size, local.keys),
    pack(buffers.v, values, local.values),
    k.f.for({ to: i32.const(tiles) }, (tile) => attendTile(backward, tile)),
  );
}

interface PackedRows {
  readonly from: Local;
  /** Of the matrix of the batch. */
  readonly firstRow: Code;
  /** Elements of a row. */
  readonly row: number;
  readonly groups: readonly PanelGroup[];
  readonly panel: Code;
  readonly panelEnd: Code;
  readonly to: Code;
  /** Lines that panels have room for: as many as they have when left out. */
  readonly width?: number;
}

function packRows({ k }: Backward, rows: PackedRows): Code {
  const { f } = k;
  const { from, firstRow, row, groups, panel, panelEnd, to, width } = rows;
  const [base, zero, depth, end] = [f.i32(), f.i32(), f.i32(), f.i32()];
  return seq(
    base.set(i32.add(from.get, i32.mul(firstRow, i32.const(4 * row)))),
    zero.set(i32.const(0)),
    depth.set(i32.const(row)),
    end.set(panelEnd),
    packPanels(
      k,
      { base, groups, depth: row, width: (lines) => width ?? lines },
      { from: panel, to: end, target: to, depthFrom: zero, depth },
    ),
  );
}

/** A tile of queries meets the keys of the part, block by block. */
function attendTile(backward: Backward, tile: Local): Code {
  const { k, geometry, buffers, groups, local, masking, statistics } = backward;
  const { queries, causal } = geometry;
  const panels = i32.const(panelCount(groups.panels));
  const step = i32.const(tileRows * apartRows);
  const rounded = i32.add(local.queryEnd.get, i32.const(tileRows * apartRows - 1));
  const visible = i32.mul(i32.divU(rounded, step), step);
  const whereBlind = statistics.whereBlind(local.seen.set(local.keyTo.get));
  const queryEnd = i32.add(local.query.get, i32.const(tilePanels * panelQueries));
  return seq(
    local.panel.set(i32.mul(tile.get, i32.const(tilePanels))),
    local.panelEnd.set(smaller(i32.add(local.panel.get, i32.const(tilePanels)), panels)),
    local.query.set(i32.mul(local.panel.get, i32.const(panelQueries))),
    local.queryEnd.set(smaller(queryEnd, i32.const(queries))),
    statistics.gather(local, buffers),
    local.seen.set(causal ? smaller(visible, local.keyTo.get) : local.keyTo.get),
    causal && masking.given ? whereBlind : [],
    when(i32.ltS(local.keyFrom.get, local.seen.get), packQueries(backward)),
    local.key.set(local.keyFrom.get),
    k.f.while(
      i32.ltS(local.key.get, local.seen.get),
      seq(
        local.keyEnd.set(smaller(i32.add(local.key.get, i32.const(keyBlock)), local.seen.get)),
        attendGradientBlock(backward),
        local.key.set(local.keyEnd.get),
      ),
    ),
  );
}

/** The queries of a tile, times the factor of the scores, and what flows into their results. */
function packQueries(backward: Backward): Code {
  const { k, geometry, buffers, groups, local } = backward;
  const { size, values, scale } = geometry;
  const count = i32.sub(local.panelEnd.get, local.panel.get);
  const pack = (from: Local, row: number, to: Local) =>
    packRows(backward, {
      ...{ from, firstRow: local.queryRows.get, row, groups: groups.panels, to: to.get },
      ...{ panel: local.panel.get, panelEnd: local.panelEnd.get, width: panelQueries },
    });
  return seq(
    pack(buffers.q, size, local.queries),
    // In this order scores are those of which the largest was found, bit by bit.
    scaleFloats(k, {
      from: local.queries.get,
      bytes: i32.mul(count, i32.const(panelBytes * size)),
      factor: scale,
    }),
    pack(buffers.flow, values, local.flows),
  );
}
