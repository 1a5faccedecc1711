import { Func, type Node, type OpInfo, type Tensor } from '@tenon/core';
import { applied, derivative, listOf } from './application.js';
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

/** What the checks build of a row: outputs and derivatives of both orders, with sizes known and unknown. */
function graphOf(row: OpCase): Node[] {
  const [dtype = 'float32'] = dtypesOf(row);
  const skipped = gradientSkipped(row) !== null;
  const known = (row.shapes[0] ?? []).map((shape, i) => ({
    shape,
    dtype: inputDType(row, i, dtype),
  }));
  const open = known.map((spec) => ({ ...spec, shape: spec.shape.map(() => null) }));
  const forms = row.unknownShapes ? [known] : [known, open];
  return forms.flatMap((specs) => {
    const { inputs, outputs } = applied(row, specs);
    const first = skipped ? null : derivative(outputs, inputs);
    const second = first && derivative(first.gradients, [...inputs, ...first.weights]);
    const tensors = [...outputs, ...(first?.gradients ?? []), ...(second?.gradients ?? [])];
    return tensors.map(({ node }) => node);
  });
}

function collect(root: Node, found: Set<OpInfo>, seen: Set<Node>): void {
  const pending = [root];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    found.add(node.op);
    pending.push(...node.inputs.map((input) => input.node), ...node.controls, ...expansion(node));
    for (const value of Object.values(node.attrs)) {
      if (value instanceof Func) pending.push(...value.results.map((result) => result.node));
    }
  }
}

/** What a composite is made of, where its shapes are known. */
function expansion({ op, inputs, attrs }: Node): Node[] {
  const { expand } = op.definition;
  if (!expand || inputs.some(({ shape }) => shape.includes(null))) return [];
  const named = op.inputNames.map((name, i) => [
    name.replace('...', ''),
    name.startsWith('...') ? inputs.slice(i) : inputs[i],
  ]);
  const made = expand(Object.fromEntries(named) as never, attrs as never);
  return made === null ? [] : listOf(made as Tensor | readonly Tensor[]).map(({ node }) => node);
}
