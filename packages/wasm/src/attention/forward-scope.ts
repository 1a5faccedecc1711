import type { AttentionGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { evenPanels } from '../gemm/panels.js';
import { TileRegisters, tileRows } from '../gemm/tile.js';
import { Masking } from './masking.js';
import { namedLocals } from './named-locals.js';
import { OnlineSoftmax } from './online-softmax.js';
import { forwardSizes, panelBytes, panelQueries } from './sizes.js';

const { panels: tilePanels, keys: keyBlock } = forwardSizes;

export interface ForwardBuffers {
  readonly q: Local;
  readonly k: Local;
  readonly v: Local;
  readonly mask: Local | undefined;
  readonly y: Local;
  readonly most: Local;
  readonly total: Local;
}

/** What the code of the forward kernel shares. */
export type Forward = ReturnType<typeof forwardScope>;

export function forwardScope(
  k: KernelFunction,
  geometry: AttentionGeometry,
  buffers: ForwardBuffers,
) {
  const { f } = k;
  const masking = new Masking(k, geometry, buffers.mask);
  return {
    ...{ k, geometry, buffers, masking },
    softmax: new OnlineSoftmax(k, masking, geometry.causal),
    registers: new TileRegisters(k),
    groups: {
      keys: evenPanels(geometry.keys, tileRows),
      values: evenPanels(geometry.values, tileRows),
      queries: evenPanels(geometry.queries, panelQueries),
    },
    local: namedLocals(f, [
      // Addresses of scratch: packed operands, scores of a panel; sums of weighted values and the softmax of the panels of a tile.
      ...(['keys', 'values', 'queries', 'scores', 'sums'] as const),
      ...(['image', 'queryRows', 'panel', 'panelEnd'] as const),
      // Addresses of what the panel that is worked on has.
      ...(['panelQueries', 'panelSums'] as const),
      // The keys that are worked on, where their block begins, and those that the tile sees.
      ...(['key', 'keyEnd', 'block', 'blockSize', 'seen'] as const),
    ]),
  };
}

export function scratch({ k, geometry: { keys, size, values }, local, softmax }: Forward): Code {
  const ofPanels = (lines: number) => k.own(tilePanels * lines * panelBytes + 16);
  return seq(
    local.keys.set(k.own(4 * keys * size + 16)),
    local.values.set(k.own(4 * keys * values + 16)),
    local.scores.set(k.own(keyBlock * panelBytes)),
    local.queries.set(ofPanels(size)),
    local.sums.set(ofPanels(values)),
    softmax.scratch(tilePanels),
  );
}
