import { Func } from '../../graph/func.js';
import { HostTensor } from '../../graph/host-tensor.js';
import { isOp } from '../../graph/op.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import { orderFrom } from '../../lower/lower.js';

/**
 * What a group of nodes computes, as text that is the same in every process: ops, shapes and a hash of the attributes. Values of
 * constants do not count: they do not change how long it takes.
 */
export function taskKey(
  nodes: readonly Node[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): string {
  const names = new Map<string, number>();
  for (const { op } of nodes) names.set(op.name, (names.get(op.name) ?? 0) + 1);
  const ops = [...names]
    .map(([name, count]) => (count > 1 ? `${count} ${name}` : name))
    .join(' + ');
  const shapes = `${inputs.map(spec).join(', ')} -> ${outputs.map(spec).join(', ')}`;
  return `${ops}: ${shapes} #${hash(structure(nodes, inputs, outputs))}`;
}

const spec = ({ dtype, shape }: Tensor): string => `${dtype}[${shape}]`;

function structure(
  nodes: readonly Node[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): string {
  const numbers = new Map<Tensor, number>();
  const number = (tensor: Tensor) => {
    const known = numbers.get(tensor) ?? numbers.size;
    numbers.set(tensor, known);
    return known;
  };
  for (const input of inputs) number(input);
  const lines = nodes.map((node) => {
    const read = node.inputs.map(number);
    const made = node.outputs.map((output) => `${number(output)}:${spec(output)}`);
    return `${made} = ${node.op.name} ${read} ${attribute(node.attrs)}`;
  });
  return [...inputs.map(spec), ...lines, ...outputs.map(number)].join('\n');
}

function attribute(value: unknown): string {
  if (value instanceof HostTensor) return `${value.dtype}[${value.shape}]`;
  if (value instanceof Func) {
    const nodes = orderFrom(value.results, new Set(value.params));
    return `{${structure(nodes, value.params, value.results)}}`;
  }
  if (isOp(value)) return value.name;
  if (Array.isArray(value)) return `[${value.map(attribute)}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([name, inner]) => `${name}:${attribute(inner)}`);
    return `{${entries.sort()}}`;
  }
  return String(value);
}

/** FNV-1a over 2 x 32 bits. Source: Fowler, Noll and Vo, draft-eastlake-fnv. */
function hash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x050c5d1f];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + i), 0x01000193);
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
