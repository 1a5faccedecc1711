import {
  axisOf,
  gather,
  type Node,
  type Tensor,
  topologicalOrder,
  type Variable,
} from '@tenon/core';

/** One reading of rows of a table, `rows = gather(table, ids)`. */
export interface Lookup {
  readonly table: Variable;
  /** Whole numbers that follow from the batch alone. */
  readonly ids: Tensor;
  /** Shapes: ids [...i], table [n, ...w] -> [...i, ...w]. */
  readonly rows: Tensor;
}

/** The lookups of those among the variables that are tables: float32, and read by lookups and by nothing else. */
export function lookupsOf(
  roots: readonly Tensor[],
  variables: readonly Variable[],
): ReadonlyMap<Variable, readonly Lookup[]> {
  const whole = new Set<Tensor>(roots);
  const found = new Map<Variable, Lookup[]>();
  const tables = new Set<Tensor>(
    variables.filter(({ dtype, size }) => dtype === 'float32' && size > 0),
  );
  for (const node of topologicalOrder(roots.map((root) => root.node))) {
    const lookup = lookupOf(node);
    for (const [i, input] of node.inputs.entries()) {
      if (!tables.has(input)) continue;
      if (i > 0 || !lookup) whole.add(input);
      else found.set(lookup.table, [...(found.get(lookup.table) ?? []), lookup]);
    }
  }
  return new Map([...found].filter(([table]) => !whole.has(table)));
}

function lookupOf({ op, inputs, attrs, outputs }: Node): Lookup | undefined {
  if (op !== gather) return undefined;
  const [table, ids] = inputs as [Variable, Tensor];
  const first = axisOf(attrs.axis as number, table.rank, op.name) === 0;
  if (!first || attrs.batchDims !== 0 || !ofBatch(ids)) return undefined;
  return { table, ids, rows: outputs[0] as Tensor };
}

/** Whether a tensor needs nothing but what is fed. */
const ofBatch = ({ node }: Tensor): boolean =>
  topologicalOrder([node]).every(({ op: { role } }) => role === 'pure' || role === 'input');
