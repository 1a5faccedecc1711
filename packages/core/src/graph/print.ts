import { describeTensor } from '../errors.js';
import { Func } from './func.js';
import { HostTensor, type NestedArray } from './host-tensor.js';
import type { Node, Tensor } from './tensor.js';

/** One line for a node: `%3 = matMul(%0, %2) { transposeB: true } : float32[2, 4]`. */
export function printNode(node: Node, numbers: ReadonlyMap<Node, number>): string {
  const name = (tensor: Tensor) => {
    const number = numbers.get(tensor.node);
    return `%${number ?? 'in'}${tensor.index ? `.${tensor.index}` : ''}`;
  };
  const entries = Object.entries(node.attrs).map(([key, value]) => `${key}: ${printAttr(value)}`);
  const attrs = entries.length ? ` { ${entries.join(', ')} }` : '';
  const path = node.path === '' ? '' : ` "${node.path}"`;
  const inputs = node.inputs.map(name).join(', ');
  return `%${numbers.get(node)} = ${node.op.name}(${inputs})${attrs} : ${node.outputs.map(describeTensor).join(', ')}${path}`;
}

function printAttr(value: unknown): string {
  if (value instanceof HostTensor)
    return value.size === 1 ? String(value.data[0]) : describeTensor(value);
  if (value instanceof Func)
    return `(${value.params.map(describeTensor).join(', ')}) => ${value.results.map(describeTensor).join(', ')}`;
  if (typeof value === 'function') return value.name;
  return (
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ??
    'undefined'
  );
}

/** dtype, shape and values; long axes are cut in the middle. */
export function formatTensor(tensor: HostTensor): string {
  return `${describeTensor(tensor)}\n${formatNested(tensor.array(), '')}`;
}

const edge = 3;

function formatNested(value: NestedArray, indent: string): string {
  if (!Array.isArray(value)) return typeof value === 'number' ? formatNumber(value) : String(value);
  const long = value.length > 2 * edge + 1;
  const shown: readonly NestedArray[] = long
    ? [...value.slice(0, edge), ...value.slice(-edge)]
    : value;
  const parts = shown.map((inner: NestedArray) => formatNested(inner, `${indent} `));
  if (long) parts.splice(edge, 0, '...');
  const flat = !Array.isArray(value[0]);
  return `[${parts.join(flat ? ', ' : `,\n${indent} `)}]`;
}

const formatNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
