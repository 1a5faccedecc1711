import {
  type DecodeOptions,
  decodeGraph,
  encodeGraph,
  type Fetches,
  Func,
  type Graph,
  type Node,
  printNode,
  type Tensor,
} from '@tenon/core';
import { expect } from 'chai';
import { topologicalOrder } from '../../src/graph/rewrite.js';
import { structureKey } from '../../src/graph/structure.js';
import { flattenFetches } from '../../src/runtime/fetches.js';

/** A graph written out: nodes with attributes, paths, devices, control edges, and the functions they hold. */
function printed(roots: readonly Tensor[]): string {
  const numbers = new Map<Node, number>();
  const lines = topologicalOrder(roots.map(({ node }) => node)).map((node) => {
    numbers.set(node, numbers.size);
    const bodies = Object.values(node.attrs).filter((value) => value instanceof Func);
    const inner = bodies.map((body) => `\n{${printed([...body.params, ...body.results])}}`);
    const after = node.controls.map((control) => numbers.get(control));
    return `${printNode(node, numbers)} ${node.device ?? ''} ^${after}${inner.join('')}`;
  });
  return lines.join('\n');
}

/** Identities differ between a graph and its copy; only those of large constants are left in a key. */
const keyOf = (fetches: Fetches, given: readonly Tensor[]): string =>
  structureKey(flattenFetches(fetches), given).replace(/tensor#\d+/g, 'tensor#');

/** Writes and reads a graph, and compares the two in every way there is. Gives back the copy. */
export function sameAfterRoundTrip(graph: Graph, options?: DecodeOptions) {
  const bytes = encodeGraph(graph);
  const copy = decodeGraph(bytes, options);
  const inputs = Object.values(graph.inputs ?? {});
  expect(
    encodeGraph({
      ...copy,
      inputs: Object.fromEntries(copy.inputs),
      variables: Object.fromEntries(copy.variables),
    }),
  ).to.deep.equal(bytes);
  expect(printed(flattenFetches(copy.fetches))).to.equal(printed(flattenFetches(graph.fetches)));
  const variables =
    Symbol.iterator in (graph.variables ?? [])
      ? [...((graph.variables ?? []) as Iterable<Tensor>)]
      : [];
  expect(keyOf(copy.fetches, [...copy.inputs.values(), ...copy.variables.values()])).to.equal(
    keyOf(graph.fetches, [...inputs, ...variables]),
  );
  return copy;
}
