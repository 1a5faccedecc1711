import { type DType, dtypes, type TypedArray } from '../../graph/dtype.js';
import type { Kernel } from '../../lower/loop-ir.js';

/** Elements that are computed together. */
export const blockSize = 512;

/** Elements of an expression: in memory of its own, or, for a plain load, where they lie already. */
export interface Block {
  readonly array: TypedArray;
  /** Where in the array they begin; set by `fill`. */
  at: number;
  /** Computes elements `start .. start + count - 1` of the vector axis. */
  readonly fill: (start: number, count: number) => void;
}

/** Memory that an expression is computed into instead of a block of its own. */
export interface Destination {
  readonly array: TypedArray;
  at(start: number): number;
}

/** What the expressions of a statement are computed from. */
export interface BlockContext {
  readonly kernel: Kernel;
  readonly buffers: readonly TypedArray[];
  /** Current position on the axes outside the block. */
  readonly position: Int32Array;
  readonly registers: readonly TypedArray[];
  /** Registers that hold a block, of elements at the same positions. */
  readonly held: ReadonlyMap<number, Block>;
  readonly vector: number;
}

// Half precision is computed in float32 and rounded to its own precision after every operation.
export const blockOf = (dtype: DType, size: number): TypedArray => new dtypes[dtype].host(size);
