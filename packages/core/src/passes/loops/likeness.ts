import type { Node, Tensor } from '../../graph/tensor.js';
import { applicationKey, mergeable } from '../common-subexpressions.js';
import { bodyOrder, endsOf, type LoopForm } from './loop-form.js';

/**
 * The values of a loop's body that another loop has too, in the same row: they are the same function of the same rows and
 * captures. Only those that differ from row to row. Random numbers count: they are drawn by seed and row.
 */
export function likeness(user: LoopForm, source: LoopForm): Map<Tensor, Tensor> {
  const found = new Map<Tensor, Tensor>();
  const rows = new Map<Tensor, Tensor>();
  for (const { param, value } of source.sequences) rows.set(value, param);
  const stacked = source.node.outputs.slice(source.carries.length);
  stacked.forEach((output, i) => void rows.set(output, source.outputs[i] as Tensor));
  const around = new Map(source.captures.map(({ param, value }) => [value, param]));
  bind(user.sequences, rows, found);
  bind(user.captures, around, found);
  const varying = new Set<Tensor>(user.sequences.map(({ param }) => param));
  const known = keyed(source);
  for (const node of bodyOrder(endsOf(user))) {
    if (!mergeable(node) || node.op.role === 'input') continue;
    const inputs = node.inputs.map((input) => found.get(input));
    if (inputs.some((input) => input === undefined)) continue;
    const same = known.get(keyOf(node, inputs as Tensor[]));
    if (!same) continue;
    const varies = node.op.role === 'random' || node.inputs.some((input) => varying.has(input));
    node.outputs.forEach((output, i) => {
      found.set(output, same.outputs[i] as Tensor);
      if (varies) varying.add(output);
    });
  }
  const params = new Set(user.sequences.map(({ param }) => param));
  return new Map([...found].filter(([tensor]) => varying.has(tensor) && !params.has(tensor)));
}

function bind(
  bounds: LoopForm['sequences'],
  known: ReadonlyMap<Tensor, Tensor>,
  found: Map<Tensor, Tensor>,
): void {
  for (const { param, value } of bounds) {
    const same = known.get(value);
    if (same) found.set(param, same);
  }
}

const keyOf = (node: Node, inputs: readonly Tensor[]): string =>
  applicationKey(node, inputs, [], node.attrs);

function keyed(form: LoopForm): Map<string, Node> {
  const known = new Map<string, Node>();
  for (const node of bodyOrder(endsOf(form))) {
    if (!mergeable(node) || node.controls.length > 0 || node.op.role === 'input') continue;
    const key = keyOf(node, node.inputs);
    if (!known.has(key)) known.set(key, node);
  }
  return known;
}
