import type { ConvGeometry } from '@tenon/core';
import { panelBytes, panelsOf } from './panels.js';

// A part of the filter that stays in the second cache while all rows are passed over.
const partBytes = 1 << 19;
// With fewer pieces of work threads would get too uneven shares.
const fewUnits = 16;
// Positions whose windows stay in the first cache while panels are passed over: a multiple of all heights of tiles.
const segmentPositions = 48;
const heights = 12;
const mostPositions = 96;

/** How a convolution is cut into pieces of work; sums do not depend on it. */
export interface RowShares {
  /** Positions of a segment of a row, and how many segments a row has. */
  readonly length: number;
  readonly segments: number;
  /** Into how many parts the panels of the filter are cut: all rows are passed over for one after the other. */
  readonly parts: number;
}

export function rowShares(geometry: ConvGeometry): RowShares {
  const { batch, outSize, window, inChannels, outChannels, groups } = geometry;
  const width = outSize[2];
  const lines = batch * outSize[0] * outSize[1];
  const whole = width <= (lines < fewUnits ? segmentPositions : mostPositions);
  const cut = whole ? 1 : Math.ceil(width / segmentPositions);
  const length = cut === 1 ? width : Math.ceil(width / cut / heights) * heights;
  const segments = Math.ceil(width / length);
  if (groups > 1) return { length, segments, parts: 1 };
  const rows = lines * segments;
  const panels = panelsOf(outChannels);
  const depth = window[0] * window[1] * window[2] * inChannels;
  const wanted = Math.max(fewUnits / rows, (panels * panelBytes(depth)) / partBytes);
  const parts = Math.min(panels, 2 ** Math.ceil(Math.log2(wanted)));
  return { length, segments, parts: Math.max(1, parts) };
}
