import type { EngineProduct } from './engine.js';
import { columnPanels, type PanelGroup, panelCount, rowPanels } from './panels.js';

/** Largest blocks: of b, a panel's 16 KB stay in the first cache; of a, all 512 KB in the second. */
const most = { rows: 256, depth: 512, columns: 1024 };

/** Below this many panels threads would get too uneven parts. */
const fewPanels = 16;

export interface Blocks {
  /** The panels of a and of b. */
  readonly rowGroups: readonly PanelGroup[];
  readonly columnGroups: readonly PanelGroup[];
  /** In panels. */
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Whether one block holds all rows: a panel of b is then packed just before it is used, once, and stays in the first cache. */
  readonly oneRows: boolean;
}

/** The least multiple of `unit` by which `size` is cut into as few parts as by `limit`. */
const evenly = (size: number, limit: number, unit: number): number =>
  Math.ceil(size / Math.ceil(size / limit) / unit) * unit;

type Sizes = Pick<EngineProduct, 'm' | 'k' | 'n'>;

/** How a product is cut, in tiles of at most `tallest` rows: a function of its sizes alone, so that sums are the same for any number of threads. */
export function chooseBlocks({ m, k, n }: Sizes, tallest: number): Blocks {
  const [rowGroups, columnGroups] = [rowPanels(m, tallest), columnPanels(n)];
  return {
    ...{ rowGroups, columnGroups },
    rows: Math.ceil(panelCount(rowGroups) / Math.ceil(m / most.rows)),
    columns: Math.ceil(panelCount(columnGroups) / Math.ceil(n / most.columns)),
    depth: evenly(k, most.depth, 4),
    oneRows: m <= most.rows,
  };
}

const leastChunk = 512;

/** Into how many chunks k is split where c has too few panels to be shared. */
export function chunksOf({ m, k, n, batch }: EngineProduct, tallest: number): number {
  const panels = Math.max(panelCount(rowPanels(m, tallest)), panelCount(columnPanels(n)));
  const few = !batch && panels < fewPanels;
  return few ? Math.max(1, Math.min(16, Math.floor(k / leastChunk))) : 1;
}
