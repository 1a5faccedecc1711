import type { Tensor } from './tensor.js';

/** A graph with parameters: the body of a loop, a branch or a recomputed region. It reaches nothing but its parameters and constants. */
export class Func {
  readonly params: readonly Tensor[];
  readonly results: readonly Tensor[];

  constructor(params: readonly Tensor[], results: readonly Tensor[]) {
    this.params = params;
    this.results = results;
  }
}
