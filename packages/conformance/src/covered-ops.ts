import { Func, type Node, type OpInfo } from '@tenon/core';
import { applied, derivative } from './application.js';
import { gradientSkipped } from './checks/gradients.js';
import { dtypesOf, inputDType } from './inputs.js';
import type { OpCase } from './op-case.js';

/** The ops in the graphs of the rows and of their gradients. */
export function coveredOps(rows: readonly OpCase[]): Set<OpInfo> {
  const found = new Set<OpInfo>();
  const seen = new Set<Node>();
  for (const row of rows) for (const node of graphOf(row)) collect(node, found, seen);
  return found;
}

function graphOf(row: OpCase): Node[] {
  const [dtype = 'float32'] = dtypesOf(row);
  const specs = (row.shapes[0] ?? []).map((shape, i) => ({
    shape,
    dtype: inputDType(row, i, dtype),
  }));
  const { inputs, outputs } = applied(row, specs);
  const wanted = gradientSkipped(row) === null ? derivative(outputs, inputs) : null;
  return [...outputs, ...(wanted?.gradients ?? [])].map(({ node }) => node);
}

function collect(root: Node, found: Set<OpInfo>, seen: Set<Node>): void {
  const pending = [root];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    found.add(node.op);
    pending.push(...node.inputs.map((input) => input.node), ...node.controls);
    for (const value of Object.values(node.attrs)) {
      if (value instanceof Func) pending.push(...value.results.map((result) => result.node));
    }
  }
}
