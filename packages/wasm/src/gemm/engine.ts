import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { shareProduct } from './share-product.js';
import { splitDepth } from './split-depth.js';

/**
 * A panel to be packed: `width` lines (1 to 5 rows of a, or 8 columns of b) by `depth` steps of k, as a tile reads them. For each
 * step the elements of all lines lie side by side: element (line, step) is the float at `to + 4 * (step * width + line)`.
 */
export interface Panel {
  /** The first of its lines: a row of a, or a column of b. */
  readonly first: Local;
  /** How many lines it has, known when the code is written: `width`, or fewer in the last panel of b. */
  readonly lines: number;
  /** What the lines that the last panel lacks hold is open, but their places are there. */
  readonly width: number;
  /** The first of its steps, and how many: at least 1. */
  readonly depthFrom: Local;
  readonly depth: Local;
  /** Address. 16 bytes behind the panel may be overwritten too. Must not be changed, like the other locals. */
  readonly to: Local;
}

/**
 * Writes the code that packs one panel. It is called for each number of lines that panels have, so it may take new locals each time.
 * Every thread packs panels, in an order that is open: nothing may be carried from one panel to the next.
 */
export type PackPanel = (panel: Panel) => Code;

/** Whole panels side by side, to be packed one behind the other. */
export interface Panels extends Omit<Panel, 'lines'> {
  readonly panels: number;
}

/** A vector of finished elements of c: `value` may be changed; lanes beyond the last column are garbage. */
export interface Finished {
  readonly value: Local;
  readonly row: Local;
  /** Of its first lane; a multiple of 4. */
  readonly column: Local;
  /** How many of its lanes are elements of c. */
  readonly count: number;
}

export interface EngineProduct {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly packA: PackPanel;
  readonly packB: PackPanel;
  /** Packs several panels of b at once, where that is faster. */
  readonly packPanelsB?: (panels: Panels) => Code;
  /** The address of an element of c at column 0; rows are dense. */
  readonly rowAddress: (row: Local) => Code;
  /** Bytes from any row of c to the next, where that is the same for all: spares addresses. */
  readonly rowBytes?: number;
  /** c += a b instead of c = a b. */
  readonly accumulate?: boolean;
  /** Products of the same sizes; `select` is run before each, and sets what the other code depends on. */
  readonly batch?: { readonly count: number; readonly select: (image: Local) => Code };
  /** Transforms sums that are complete, before they are stored. */
  readonly finish?: (finished: Finished) => Code;
}

/**
 * c[m, n] = a[m, k] b[k, n] in float32 for products large enough that packing pays: m, k and n are at least 1. Every thread calls
 * it; it may pass barriers, so it must be reached by all threads equally often. Each element of c is a sum in the order of k
 * in chunks that only m, k and n choose, so that the result does not depend on the number of threads.
 */
export const emitProduct = (k: KernelFunction, product: EngineProduct): Code =>
  splitDepth(k, product) ?? shareProduct(k, product);
