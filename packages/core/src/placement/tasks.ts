import type { Node, Tensor } from '../graph/tensor.js';
import { lowering } from '../lower/lower.js';
import type { ColocationGroup } from './constraints.js';
import { isConstant } from './is-constant.js';
import { stateBytes, tensorBytes } from './place.js';

/** Nodes that are placed as one, because a cut between them never pays. */
export interface NodeTask {
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  /** Place of the colocation group that it belongs to. */
  readonly group: number;
}

export interface TaskRequest {
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  /** Given from outside. */
  readonly inputs: ReadonlySet<Tensor>;
  readonly groups: readonly ColocationGroup[];
}

export interface NodeTasks {
  /** In an order in which they can run: nothing needs a task after it. */
  readonly tasks: readonly NodeTask[];
  /** The groups that are left: those of nodes that were put together became one. */
  readonly groups: readonly ColocationGroup[];
}

/**
 * Puts light nodes (loops, constants, views: what devices fuse) to their only reader, or to the only task that they read. Both keep
 * the graph of tasks free of circles.
 */
export const nodeTasks = (request: TaskRequest): NodeTasks => new Joining(request).result();

class Joining {
  private readonly request: TaskRequest;
  private readonly readers = new Map<Node, Node[]>();
  private readonly taskOf = new Map<Node, number>();
  /** By number of a task: its nodes, none where it went to another. */
  private readonly members: Node[][] = [];
  private readonly places: ReadonlyMap<Node, number>;
  private readonly groupOf = new Map<Node, number>();
  /** By number of a group: the one that it became part of. */
  private readonly becomes: number[];
  private readonly light: ReadonlySet<Node>;
  private readonly holdsState: readonly boolean[];

  constructor(request: TaskRequest) {
    this.request = request;
    const { nodes, groups } = request;
    groups.forEach(({ nodes: own }, group) => {
      for (const node of own) this.groupOf.set(node, group);
    });
    this.becomes = groups.map((_, group) => group);
    this.holdsState = groups.map((group) => stateBytes(group) > 0);
    this.places = new Map(nodes.map((node, i) => [node, i]));
    this.light = new Set(nodes.filter(isLight));
    nodes.forEach((node, i) => {
      this.taskOf.set(node, i);
      this.members.push([node]);
      for (const source of this.sources(node))
        this.readers.set(source, [...(this.readers.get(source) ?? []), node]);
    });
  }

  result(): NodeTasks {
    const { nodes } = this.request;
    for (const node of [...nodes].reverse()) this.joinReader(node);
    for (const node of nodes) this.joinSource(node);
    return this.numbered();
  }

  private joinReader(node: Node): void {
    const tasks = new Set((this.readers.get(node) ?? []).map((reader) => this.task(reader)));
    const [task] = tasks;
    if (!this.light.has(node) || tasks.size !== 1 || task === undefined) return;
    if (this.mayJoin(node, task) && !this.isDearer(node, task)) this.join(this.task(node), task);
  }

  private joinSource(node: Node): void {
    const own = this.task(node);
    const members = this.members[own] as Node[];
    // The last node of a task is the one that others were put to.
    if (members.at(-1) !== node || !members.every((member) => this.light.has(member))) return;
    const sources = members.flatMap((member) => [...this.sources(member)]);
    const tasks = new Set(
      sources.filter((source) => !isSource(source)).map((source) => this.task(source)),
    );
    tasks.delete(own);
    const [task] = tasks;
    if (tasks.size === 1 && task !== undefined && this.mayJoin(node, task) && !this.isBound(task))
      this.join(own, task);
  }

  /** Whether a node and a task can share a device without binding groups of variables to each other. */
  private mayJoin(node: Node, task: number): boolean {
    if (node.op.role === 'variable') return false;
    const [a, b] = [this.group(node), this.group((this.members[task] as Node[])[0] as Node)];
    return a === b || this.isFree(a) || this.isFree(b);
  }

  private isFree(group: number): boolean {
    return !this.holdsState[group] && !this.request.groups[group]?.bound;
  }

  private isBound(task: number): boolean {
    return !this.isFree(this.group((this.members[task] as Node[])[0] as Node));
  }

  /** Whether a bound task would have to fetch more for a node than the node gives it. */
  private isDearer(node: Node, task: number): boolean {
    if (!this.isBound(task)) return false;
    const read = node.inputs
      .filter((input) => !isSource(input.node))
      .reduce((sum, input) => sum + tensorBytes(input), 0);
    const made = node.outputs.reduce((sum, output) => sum + tensorBytes(output), 0);
    return read > made;
  }

  private join(from: number, to: number): void {
    const [moved, kept] = [this.members[from] as Node[], this.members[to] as Node[]];
    const [a, b] = [this.group(moved[0] as Node), this.group(kept[0] as Node)];
    if (a !== b) this.becomes[this.isFree(a) ? a : b] = this.isFree(a) ? b : a;
    for (const node of moved) this.taskOf.set(node, to);
    this.members[to] = [...kept, ...moved];
    this.members[from] = [];
    const place = (node: Node) => this.places.get(node) as number;
    this.members[to].sort((x, y) => place(x) - place(y));
  }

  private *sources(node: Node): Iterable<Node> {
    for (const input of node.inputs) if (!this.request.inputs.has(input)) yield input.node;
    yield* node.controls;
  }

  private task(node: Node): number {
    return this.taskOf.get(node) as number;
  }

  private group(node: Node): number {
    let group = this.groupOf.get(node) as number;
    while (this.becomes[group] !== group) group = this.becomes[group] as number;
    return group;
  }

  private numbered(): NodeTasks {
    const own = new Map<number, Node[]>();
    for (const node of this.request.nodes) {
      const group = this.group(node);
      own.set(group, [...(own.get(group) ?? []), node]);
    }
    const left = [...own.keys()];
    const groups = left.map((group) => ({
      ...(this.request.groups[group] as ColocationGroup),
      nodes: own.get(group) as Node[],
    }));
    const tasks = this.sorted().map((nodes) => ({
      nodes,
      group: left.indexOf(this.group(nodes[0] as Node)),
    }));
    return { tasks, groups };
  }

  /** Tasks after all that they need. */
  private sorted(): Node[][] {
    const done = new Set<number>();
    const order: Node[][] = [];
    const visit = (task: number): void => {
      if (done.has(task)) return;
      done.add(task);
      const members = this.members[task] as Node[];
      for (const member of members)
        for (const source of this.sources(member)) visit(this.task(source));
      order.push(members);
    };
    for (const node of this.request.nodes) visit(this.task(node));
    return order;
  }
}

/** Whether a node is there before the run: variables and constants. */
export const isSource = (node: Node): boolean => node.op.role === 'variable' || isConstant(node);

function isLight(node: Node): boolean {
  const { op } = node;
  if (op.role === 'variable' || op.role === 'host' || op.definition.run) return false;
  return ['loop', 'alias', 'constant', 'nothing'].includes(lowering(node).kind);
}
