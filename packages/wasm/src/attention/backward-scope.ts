import type { AttentionGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { columnPanels, evenPanels } from '../gemm/panels.js';
import { apartRows, TileRegisters, tileRows } from '../gemm/tile.js';
import { GradientStatistics } from './gradient-statistics.js';
import { Masking } from './masking.js';
import { namedLocals } from './named-locals.js';
import { backwardSizes, panelBytes, panelQueries } from './sizes.js';

const { panels: tilePanels, keys: keyBlock } = backwardSizes;

export interface BackwardBuffers {
  readonly q: Local;
  readonly k: Local;
  readonly v: Local;
  readonly most: Local;
  readonly total: Local;
  readonly delta: Local;
  /** Into y. */
  readonly flow: Local;
  readonly mask: Local | undefined;
  readonly dq: Local;
  readonly dk: Local;
  readonly dv: Local;
}

/** What the code of the backward kernel shares. */
export type Backward = ReturnType<typeof backwardScope>;

export function backwardScope(
  k: KernelFunction,
  geometry: AttentionGeometry,
  buffers: BackwardBuffers,
) {
  const { queries, keys, size, values } = geometry;
  return {
    ...{ k, geometry, buffers },
    masking: new Masking(k, geometry, buffers.mask),
    registers: new TileRegisters(k),
    statistics: new GradientStatistics(k, tilePanels),
    groups: {
      keys: evenPanels(keys, tileRows),
      keysApart: evenPanels(keys, apartRows),
      panels: evenPanels(queries, panelQueries),
      queries: evenPanels(queries, tileRows),
      size: columnPanels(size),
      values: columnPanels(values),
    },
    local: namedLocals(k.f, [
      // Addresses of scratch: packed operands, weights, and gradients of scores.
      ...(['keys', 'values', 'queries', 'flows', 'weights', 'scores'] as const),
      ...(['image', 'part', 'dq'] as const),
      // Keys of the part, those that the tile sees, and those that are worked on.
      ...(['keyFrom', 'keyTo', 'seen', 'key', 'keyEnd'] as const),
      // Panels of the tile, its queries, and rows of all queries and keys in the buffers.
      ...(['panel', 'panelEnd', 'query', 'queryEnd', 'queryRows', 'keyRows'] as const),
    ]),
  };
}

export function scratch({ k, geometry, local, statistics }: Backward, partKeys: number): Code {
  const { size, values } = geometry;
  const block = keyBlock * tilePanels * panelBytes;
  return seq(
    local.keys.set(k.own(4 * partKeys * size + 16)),
    local.values.set(k.own(4 * partKeys * values + 16)),
    local.queries.set(k.own(tilePanels * panelBytes * size + 16)),
    local.flows.set(k.own(tilePanels * panelBytes * values + 16)),
    local.weights.set(k.own(block)),
    local.scores.set(k.own(block)),
    statistics.scratch(),
  );
}
