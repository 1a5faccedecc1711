import type { Node, Tensor } from '../graph/tensor.js';

/** By variable the updates that no other update of it follows; more than one where their order is open. */
type Latest = ReadonlyMap<Tensor, readonly Node[]>;

const none: Latest = new Map();

/** Which updates come before which nodes. Nodes are visited in an order in which they can run. */
export class UpdateOrder {
  /** What a node finds, itself included if it is an update. */
  private readonly latest = new Map<Node, Latest>();
  /** For each update those of its variable that it follows directly. */
  private readonly previous = new Map<Node, readonly Node[]>();
  private readonly places = new Map<Node, number>();

  visit(node: Node, dependencies: Iterable<Node>): void {
    const found = this.after(dependencies);
    if (node.op.role !== 'update') {
      if (found !== none) this.latest.set(node, found);
      return;
    }
    const variable = node.inputs[0] as Tensor;
    this.places.set(node, this.places.size);
    this.previous.set(node, found.get(variable) ?? []);
    this.latest.set(node, new Map(found).set(variable, [node]));
  }

  /** The latest updates of the variable of a read among those that must have run before it. */
  before(read: Node): readonly Node[] {
    return this.latest.get(read)?.get(read.inputs[0] as Tensor) ?? [];
  }

  /** What is latest when all these nodes have run. */
  after(nodes: Iterable<Node>): Latest {
    const all = new Set<Latest>();
    for (const node of nodes) {
      const latest = this.latest.get(node);
      if (latest) all.add(latest);
    }
    // Most nodes see what one of their inputs sees; they share it.
    const [first = none, ...others] = all;
    if (others.length === 0) return first;
    const merged = new Map(first);
    for (const latest of others) {
      for (const [variable, updates] of latest) {
        const known = merged.get(variable);
        if (known === updates) continue;
        merged.set(variable, known ? this.newest([...known, ...updates]) : updates);
      }
    }
    return merged;
  }

  private newest(updates: readonly Node[]): readonly Node[] {
    const different = [...new Set(updates)];
    if (different.length === 1) return different;
    return different.filter((update) => !different.some((other) => this.follows(other, update)));
  }

  private follows(later: Node, earlier: Node): boolean {
    const limit = this.places.get(earlier) as number;
    const seen = new Set<Node>();
    const pending = [later];
    for (let update = pending.pop(); update; update = pending.pop()) {
      for (const before of this.previous.get(update) as readonly Node[]) {
        if (before === earlier) return true;
        if (seen.has(before) || (this.places.get(before) as number) < limit) continue;
        seen.add(before);
        pending.push(before);
      }
    }
    return false;
  }
}
