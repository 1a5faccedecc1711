import { GraphError, nearest } from '../errors.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { matchesHint, parseDeviceName } from './device-name.js';

export interface PlacementRequest {
  readonly nodes: readonly Node[];
  /** Names of the session's devices; what nothing constrains goes to the first. */
  readonly devices: readonly string[];
  /** The device on which a variable already lives. */
  home(variable: Tensor): string | undefined;
}

/**
 * Chooses a device for every node. Updates and reads stay with their variable, hints are obeyed.
 * Errors: PLACEMENT_CONFLICT when hints contradict each other or name no device.
 */
export function place({ nodes, devices, home }: PlacementRequest): Map<Node, string> {
  const groups = new Groups();
  for (const node of nodes) {
    const [first] = node.inputs;
    if (node.op.role === 'update' || node.op.role === 'read')
      groups.join(node, (first as Tensor).node);
  }
  const chosen = new Map<Node, { device: string; because: Node }>();
  const choose = (node: Node, device: string) => {
    const group = groups.of(node);
    const before = chosen.get(group);
    if (before && before.device !== device) throw conflict(node, device, before);
    chosen.set(group, { device, because: node });
  };
  for (const node of nodes) {
    const device = node.outputs[0] && home(node.outputs[0]);
    if (device !== undefined) choose(node, device);
  }
  for (const node of nodes)
    if (node.device !== undefined) choose(node, deviceFor(node, node.device, devices));
  return new Map(
    nodes.map((node) => [node, chosen.get(groups.of(node))?.device ?? (devices[0] as string)]),
  );
}

function deviceFor(node: Node, hint: string, devices: readonly string[]): string {
  const wanted = parseDeviceName(hint);
  const found = devices.find((device) => matchesHint(parseDeviceName(device), wanted));
  if (found !== undefined) return found;
  const near = nearest(hint, devices);
  throw new GraphError('PLACEMENT_CONFLICT', node.where, {
    what: `no device of the session fits ${hint}${near ? `; did you mean ${near}?` : '.'}`,
    fix: `devices: ${devices.join(', ')}. Add it with new Session({ devices: [...] }).`,
  });
}

function conflict(
  node: Node,
  device: string,
  before: { device: string; because: Node },
): GraphError {
  return new GraphError('PLACEMENT_CONFLICT', node.where, {
    what: `must run on ${device}, but is bound to ${before.because.where}, which is on ${before.device}.`,
    fix: 'an update runs where its variable lives: give both the same hint, or only the variable.',
  });
}

/** Sets of nodes that must share a device (union-find). */
class Groups {
  private readonly parents = new Map<Node, Node>();

  of(node: Node): Node {
    let top = node;
    for (let parent = this.parents.get(top); parent; parent = this.parents.get(top)) top = parent;
    return top;
  }

  join(a: Node, b: Node): void {
    const [top, other] = [this.of(a), this.of(b)];
    if (top !== other) this.parents.set(top, other);
  }
}
