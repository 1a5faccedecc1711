import { Func } from './func.js';
import { HostTensor } from './host-tensor.js';
import { topologicalOrder } from './rewrite.js';
import type { Node, Tensor } from './tensor.js';

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** A number that stands for an object as long as it lives. */
export function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined) {
    identity = ++lastIdentity;
    identities.set(object, identity);
  }
  return identity;
}

/**
 * A key that two graphs share exactly if they compute the same from the same `given` tensors, taken in order, and the same
 * variables. Large constants count as the same only if they are the same object.
 */
export function structureKey(roots: readonly Tensor[], given: readonly Tensor[]): string {
  return new Structure(given).key(roots);
}

const contentLimit = 64;

class Structure {
  private readonly given: ReadonlyMap<Tensor, number>;
  private readonly numbers = new Map<Node, number>();
  private readonly lines: string[] = [];

  constructor(given: readonly Tensor[]) {
    this.given = new Map(given.map((tensor, i) => [tensor, i]));
  }

  key(roots: readonly Tensor[]): string {
    const { given } = this;
    const tops = roots.filter((root) => !given.has(root)).map(({ node }) => node);
    const order = topologicalOrder(tops, function* (node) {
      for (const input of node.inputs) if (!given.has(input)) yield input.node;
      yield* node.controls;
    });
    for (const node of order) this.lines.push(this.line(node));
    return `${this.lines.join('\n')}\n=> ${roots.map((root) => this.reference(root)).join(' ')}`;
  }

  private reference(tensor: Tensor): string {
    const place = this.given.get(tensor);
    return place === undefined ? `${this.numbers.get(tensor.node)}.${tensor.index}` : `<${place}`;
  }

  private line(node: Node): string {
    const { op, inputs, controls, attrs, device, outputs } = node;
    this.numbers.set(node, this.numbers.size);
    // Sources differ by who they are, not by what they look like.
    const own =
      op.role === 'variable' || op.role === 'input'
        ? `#${identityOf(outputs[0] as Tensor)}`
        : attributeKey(attrs);
    const after = controls.map((control) => this.numbers.get(control)).join(',');
    return `${op.name}@${identityOf(op)} ${inputs.map((input) => this.reference(input)).join(' ')} ${own} ^${after} ${device ?? ''}`;
  }
}

/** A key that two attribute values share exactly if they are equal. */
export function attributeKey(value: unknown): string {
  if (value instanceof HostTensor) {
    if (value.size > contentLimit) return `tensor#${identityOf(value)}`;
    return `${value.dtype}[${value.shape}](${Array.from(value.data as Float32Array, (x) => (Object.is(x, -0) ? '-0' : x)).join(',')})`;
  }
  if (value instanceof Func)
    return `{${structureKey(value.results, value.params)} | ${value.params.map(({ dtype, shape }) => `${dtype}[${shape}]`)}}`;
  if (Array.isArray(value)) return `[${value.map(attributeKey).join(',')}]`;
  if (typeof value === 'function') return `op#${identityOf(value)}`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([name, inner]) => `${name}:${attributeKey(inner)}`);
    return `{${entries.sort().join(',')}}`;
  }
  // JSON writes NaN and the infinities as null, and -0 as 0.
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
}
