import { apartRows, tileColumns, tileRows } from '../gemm/tile.js';

/** Queries of a panel: they lie side by side in the lanes of two vectors. */
export const panelQueries = tileColumns;
/** Bytes of one element of each of them. */
export const panelBytes = 4 * panelQueries;

/**
 * Forward: panels of queries that meet a block of keys and values while it is in the second cache, and keys whose scores are held
 * at once, which with 8 queries stay in the first cache. Keys: a multiple of the rows of a tile.
 */
export const forwardSizes = { panels: 8, keys: 48 * tileRows } as const;

/**
 * Backward: panels of queries, and keys, whose weights and gradients of scores are held at once: both stay in the first cache.
 * Keys and queries: multiples of the rows of all tiles.
 */
export const backwardSizes = { panels: 5, keys: 5 * tileRows * apartRows } as const;
