import { GraphError, nearest } from '../errors.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { asVariable } from '../graph/variable.js';
import { devicesFor, softDevicesFor } from './hint.js';

export interface PlacementRequest {
  readonly nodes: readonly Node[];
  /** Names of the devices; what nothing constrains goes to the first. */
  readonly devices: readonly string[];
  /** The device on which a variable already lives, or the one beside which it is to lie. */
  home(variable: Tensor): string | undefined;
  /** The variable beside which another is to lie; what `Variable.beside` says where it is left out. */
  beside?(variable: Tensor): Tensor | undefined;
  /** Whether a device can run a node; all can where it is left out. */
  supports?(node: Node, device: string): boolean;
  /**
   * Soft placement: a hint that no device fits, or that contradicts where a variable lives, is loosened instead of refused. Default
   * false.
   */
  readonly soft?: boolean;
  /** Bytes of variables that devices hold already. */
  readonly heldBytes?: ReadonlyMap<string, number>;
}

/** Nodes that must share a device. */
export interface ColocationGroup {
  readonly nodes: readonly Node[];
  /** Devices that meet every constraint of its nodes, in the order of the request. */
  readonly devices: readonly string[];
  /** Whether it has constraints: a hint, the home of a variable, kinds that do not support it. */
  readonly bound: boolean;
}

/**
 * The groups of nodes that must share a device and the devices that each may have. Updates and reads stay with their variable, and
 * the slots of an optimizer with the variable beside which they are to lie. Errors: PLACEMENT_CONFLICT when constraints contradict each
 * other or name no device; the message names both sides.
 */
export function colocationGroups(request: PlacementRequest): ColocationGroup[] {
  const sets = new DisjointSets();
  for (const node of request.nodes) {
    const [first] = node.inputs;
    if (node.op.role === 'update' || node.op.role === 'read')
      sets.join(node, (first as Tensor).node);
  }
  for (const [slot, variable] of freshSlots(request)) sets.join(slot, variable);
  const members = new Map<Node, Node[]>();
  for (const node of request.nodes) {
    const top = sets.of(node);
    const own = members.get(top);
    if (own) own.push(node);
    else members.set(top, [node]);
  }
  return [...members.values()].map((nodes) => constrained(nodes, request));
}

/** Pairs of a new variable and another of the graph beside which it is to lie. */
function* freshSlots({
  nodes,
  home,
  beside = variableBeside,
}: PlacementRequest): Iterable<readonly [Node, Node]> {
  const fresh = new Set(
    nodes.filter(
      ({ op, outputs }) => op.role === 'variable' && home(outputs[0] as Tensor) === undefined,
    ),
  );
  for (const slot of fresh) {
    const owner = beside(slot.outputs[0] as Tensor)?.node;
    if (owner && fresh.has(owner)) yield [slot, owner];
  }
}

const variableBeside = (variable: Tensor): Tensor | undefined => asVariable(variable)?.beside;

interface Constraint {
  readonly node: Node;
  readonly devices: readonly string[];
}

function constrained(nodes: readonly Node[], request: PlacementRequest): ColocationGroup {
  const { devices, soft = false } = request;
  let now: readonly string[] = devices;
  const applied: Constraint[] = [];
  for (const constraint of [...homes(nodes, request), ...hints(nodes, request)]) {
    const both = now.filter((device) => constraint.devices.includes(device));
    if (both.length > 0) {
      now = both;
      applied.push(constraint);
    } else if (!soft) throw conflict(constraint, applied);
  }
  const possible = supported(nodes, now, request);
  const bound = applied.length > 0 || possible.length < devices.length;
  return { nodes, devices: possible, bound };
}

const homes = (nodes: readonly Node[], { home }: PlacementRequest): Constraint[] =>
  nodes.flatMap((node) => {
    const device = node.outputs[0] && home(node.outputs[0]);
    return device === undefined ? [] : [{ node, devices: [device] }];
  });

const hints = (nodes: readonly Node[], { devices, soft = false }: PlacementRequest): Constraint[] =>
  nodes.flatMap((node) => {
    if (node.device === undefined) return [];
    const found = soft ? softDevicesFor(node.device, devices) : devicesFor(node.device, devices);
    if (found.length === 0) throw unknownDevice(node, node.device, devices);
    return [{ node, devices: found }];
  });

function supported(
  nodes: readonly Node[],
  devices: readonly string[],
  { supports }: PlacementRequest,
): readonly string[] {
  if (!supports) return devices;
  const possible = devices.filter((device) => nodes.every((node) => supports(node, device)));
  if (possible.length > 0) return possible;
  const [device] = devices as [string];
  const node = nodes.find((one) => !supports(one, device)) as Node;
  throw new GraphError('PLACEMENT_CONFLICT', node.where, {
    what: `no device that it may run on supports it: ${devices.join(', ')}.`,
    fix: 'give the session a device that does, or drop the hint that excludes it.',
  });
}

function unknownDevice(node: Node, hint: string, devices: readonly string[]): GraphError {
  const near = nearest(hint, devices);
  return new GraphError('PLACEMENT_CONFLICT', node.where, {
    what: `no device of the session fits ${hint}${near ? `; did you mean ${near}?` : '.'}`,
    fix: `devices: ${devices.join(', ')}. Add it with new Session({ devices: [...] }).`,
  });
}

/** Names the constraint that can not be met and one before it that excludes it. */
function conflict({ node, devices }: Constraint, applied: readonly Constraint[]): GraphError {
  const before =
    applied.find((other) => !other.devices.some((device) => devices.includes(device))) ??
    (applied.at(-1) as Constraint);
  return new GraphError('PLACEMENT_CONFLICT', node.where, {
    what: `must run on ${devices.join(' or ')}, but is bound to ${before.node.where}, which is on ${before.devices.join(' or ')}.`,
    fix: 'an update runs where its variable lives: give both the same hint, or only the variable.',
  });
}

/** Sets of nodes, joined two by two (union-find). */
class DisjointSets {
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
