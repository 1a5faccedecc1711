import type { Tensor } from '../graph/tensor.js';

/** A transformation of a graph of known shapes that changes nothing but the cost of computing it. */
export interface Pass {
  readonly name: string;
  run(roots: readonly Tensor[]): Tensor[];
}
