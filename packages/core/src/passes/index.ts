import { Func } from '../graph/func.js';
import { topologicalOrder } from '../graph/rewrite.js';
import type { Tensor } from '../graph/tensor.js';
import { commonSubexpressions } from './common-subexpressions.js';
import { deadCode } from './dead-code.js';
import { fold } from './fold.js';
import type { Pass } from './pass.js';
import { simplify } from './simplify.js';
import { verify } from './verify.js';

/** The passes in the order in which they run. */
export const passes: readonly Pass[] = [
  commonSubexpressions,
  fold,
  simplify,
  commonSubexpressions,
  deadCode,
];

/** What one pass did to the number of nodes, for `explain`. */
export interface PassEffect {
  readonly pass: string;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
}

/** Nodes that the roots reach, those of nested functions included. */
export function countNodes(roots: readonly Tensor[]): number {
  const order = topologicalOrder(roots.map(({ node }) => node));
  return order.reduce((count, { attrs }) => {
    const funcs = Object.values(attrs).filter((value) => value instanceof Func);
    return count + 1 + funcs.reduce((inner, func) => inner + countNodes(func.results), 0);
  }, 0);
}

/** Runs the passes, or none, over a graph of known shapes; the graph is verified after each. */
export function runPasses(
  roots: readonly Tensor[],
  optimise: boolean,
): { results: Tensor[]; effects: PassEffect[] } {
  let results = [...roots];
  const effects: PassEffect[] = [];
  verify(results, 'specialise');
  for (const pass of optimise ? passes : []) {
    const nodesBefore = countNodes(results);
    results = pass.run(results);
    verify(results, pass.name);
    effects.push({ pass: pass.name, nodesBefore, nodesAfter: countNodes(results) });
  }
  return { results, effects };
}
