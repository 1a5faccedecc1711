import type { EngineProduct } from './engine.js';
import { tileColumns, tileRows } from './tile.js';

/** Largest blocks: of b, a panel's 8 KB stay in the first cache; of a, all 256 KB in the second. */
const most = { rows: 256, depth: 256, sharedColumns: 1024, ownColumns: 256 };

/** Below this many panels threads would get too uneven parts. */
const fewPanels = 16;

export interface Blocks {
  /** In panels. */
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /**
   * `rows`: threads share the rows, and pack b together. `columns`: threads share the columns, each packs its own part of b,
   * and all of a. `none`: a thread computes all of c, for its part of k.
   */
  readonly share: 'rows' | 'columns' | 'none';
}

/** The least multiple of `unit` by which `size` is cut into as few parts as by `limit`. */
const evenly = (size: number, limit: number, unit: number): number =>
  Math.ceil(size / Math.ceil(size / limit) / unit) * unit;

type Sizes = Pick<EngineProduct, 'm' | 'k' | 'n'>;

const panelCounts = ({ m, n }: Sizes): [number, number] => [
  Math.ceil(m / tileRows),
  Math.ceil(n / tileColumns),
];

/** How a product is cut: a function of its sizes alone, so that sums are the same for any number of threads. */
export function chooseBlocks(product: Sizes, share?: 'none'): Blocks {
  const { m, k, n } = product;
  const [rowPanels, columnPanels] = panelCounts(product);
  const byColumns = rowPanels < fewPanels && columnPanels > rowPanels;
  const chosen = share ?? (byColumns ? 'columns' : 'rows');
  const mostColumns = chosen === 'rows' ? most.sharedColumns : most.ownColumns;
  return {
    rows: evenly(m, most.rows, tileRows) / tileRows,
    columns: evenly(n, mostColumns, tileColumns) / tileColumns,
    depth: evenly(k, most.depth, 4),
    share: chosen,
  };
}

const leastChunk = 512;

/** Into how many chunks k is split where c has too few panels to be shared. */
export function chunksOf(product: Sizes): number {
  const few = Math.max(...panelCounts(product)) < fewPanels;
  return few ? Math.max(1, Math.min(16, Math.floor(product.k / leastChunk))) : 1;
}
