import { GraphError, nearest } from '../errors.js';
import { Func } from '../graph/func.js';
import { topologicalOrder } from '../graph/rewrite.js';
import type { Tensor } from '../graph/tensor.js';
import { atPieces } from '../sharding/at-pieces.js';
import { commonSubexpressions } from './common-subexpressions.js';
import { deadCode } from './dead-code.js';
import { fold } from './fold.js';
import { hoistAfter } from './loops/hoist-after.js';
import { hoistBefore } from './loops/hoist-before.js';
import { sameOperands } from './loops/same-operands.js';
import { shareLoops } from './loops/share-loops.js';
import type { Pass } from './pass.js';
import { simplify } from './simplify.js';
import { verify } from './verify.js';

/** The passes in the order in which they run. */
export const passes: readonly Pass[] = [
  commonSubexpressions,
  sameOperands,
  fold,
  simplify,
  commonSubexpressions,
  atPieces,
  shareLoops,
  deadCode,
  hoistBefore,
  hoistAfter,
  simplify,
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

/** All passes, none, or those of these names. */
export type PassSelection = boolean | readonly string[];

/** The passes that a selection names, in their order. Errors: NAME_UNKNOWN, with the nearest. */
export function selectedPasses(selection: PassSelection): readonly Pass[] {
  if (typeof selection === 'boolean') return selection ? passes : [];
  const known = [...new Set(passes.map(({ name }) => name))];
  const unknown = selection.find((name) => !known.includes(name));
  if (unknown === undefined) return passes.filter(({ name }) => selection.includes(name));
  const near = nearest(unknown, known);
  throw new GraphError('NAME_UNKNOWN', 'optimise', {
    what: `there is no pass ${unknown}${near ? `; did you mean ${near}?` : '.'}`,
    fix: `passes: ${known.join(', ')}.`,
  });
}

/** Runs the selected passes over a graph of known shapes; the graph is verified after each. */
export function runPasses(
  roots: readonly Tensor[],
  optimise: PassSelection,
): { results: Tensor[]; effects: PassEffect[] } {
  let results = [...roots];
  const effects: PassEffect[] = [];
  verify(results, 'specialise');
  let nodesBefore = countNodes(results);
  for (const pass of selectedPasses(optimise)) {
    results = pass.run(results);
    verify(results, pass.name);
    const nodesAfter = countNodes(results);
    effects.push({ pass: pass.name, nodesBefore, nodesAfter });
    nodesBefore = nodesAfter;
  }
  return { results, effects };
}
