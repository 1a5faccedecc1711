import type { Tensor } from '@tenon/core';
import type { Func } from '../../src/graph/func.js';
import { topologicalOrder } from '../../src/graph/rewrite.js';
import type { Node } from '../../src/graph/tensor.js';
import { runPasses } from '../../src/passes/index.js';
import { specialise } from '../../src/passes/specialise.js';

type Counts = Record<string, number>;

const heavy = new Set(['matMul', 'tanh', 'sigmoid', 'exp', 'sum', 'randomBits', 'call']);

function counts(nodes: readonly Node[]): Counts {
  const found: Counts = {};
  for (const { op } of nodes) if (heavy.has(op.name)) found[op.name] = (found[op.name] ?? 0) + 1;
  return found;
}

interface Structure {
  readonly loops: readonly (Counts & { readonly stacks: number })[];
  readonly around: Counts;
}

/** The costly ops of each loop's body, in order, and those around the loops; with the number of stacks that each hands out. */
export function structure(fetches: readonly Tensor[]): Structure {
  const { results } = runPasses(specialise(fetches, new Map()), true);
  const order = topologicalOrder(results.map(({ node }) => node));
  const loops = order.filter(({ op }) => op.name === 'scan');
  return {
    loops: loops.map(({ attrs, outputs }) => ({
      ...counts(topologicalOrder((attrs.body as Func).results.map(({ node }) => node))),
      stacks: outputs.length - (attrs.carries as number),
    })),
    around: counts(order),
  };
}
