import type { backend_util } from '@tensorflow/tfjs-core';

type Pad = 'valid' | 'same' | number | backend_util.ExplicitPadding;

/** Where a window slides, as tfjs says it. */
export interface SlideAttrs {
  readonly strides: number | number[];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dilations?: number | number[] | null;
  readonly dataFormat?: string;
}

const isChannelsFirst = (dataFormat = ''): boolean => dataFormat.startsWith('NC');

/** tfjs pads batch and channels too, always by 0. */
const spatial = (pad: backend_util.ExplicitPadding, dataFormat?: string): [number, number][] =>
  isChannelsFirst(dataFormat) ? pad.slice(2) : pad.slice(1, -1);

/** The same options as Tenon's ops take them. */
export const slideOf = (attrs: SlideAttrs) => ({
  strides: attrs.strides,
  padding: Array.isArray(attrs.pad) ? spatial(attrs.pad, attrs.dataFormat) : attrs.pad,
  dimRoundingMode: attrs.dimRoundingMode ?? 'floor',
  ...(attrs.dilations && { dilations: attrs.dilations }),
  ...(attrs.dataFormat === undefined ? {} : { dataFormat: attrs.dataFormat as never }),
});

/** Options of a sliding window, and its size. */
export interface PoolAttrs extends SlideAttrs {
  readonly filterSize: number | number[];
}

export const poolOf = (attrs: PoolAttrs) => ({ filterSize: attrs.filterSize, ...slideOf(attrs) });
