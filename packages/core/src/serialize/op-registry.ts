import { GraphError, nearest } from '../errors.js';
import type { OpInfo } from '../graph/op.js';

/** The ops that a graph from outside may use, by name. */
export class OpRegistry {
  private readonly ops = new Map<string, OpInfo>();
  private readonly refused = new Set<string>();

  /** Ops with effects on the host count only where `hostOps` lists them. Errors: NAME_TAKEN. */
  constructor(ops: Iterable<OpInfo>, hostOps: Iterable<OpInfo>) {
    for (const op of hostOps) this.add(op);
    for (const op of ops) {
      if (op.role !== 'host') this.add(op);
      else if (this.ops.get(op.name) !== op) this.refused.add(op.name);
    }
  }

  /** Errors: NAME_UNKNOWN. */
  find(name: string, where: string): OpInfo {
    const op = this.ops.get(name);
    if (op) return op;
    if (this.refused.has(name)) {
      throw new GraphError('NAME_UNKNOWN', where, {
        what: `${name} has effects on the host, which a graph from outside may not cause by itself.`,
        fix: 'if you trust it, list the op in hostOps.',
      });
    }
    const near = nearest(name, this.ops.keys());
    throw new GraphError('NAME_UNKNOWN', where, {
      what: `there is no op ${name}${near ? `; did you mean ${near}?` : '.'}`,
      fix: 'give the ops that the graph uses: decodeGraph(bytes, { ops: [...allOps, own] }).',
    });
  }

  private add(op: OpInfo): void {
    const known = this.ops.get(op.name);
    if (known && known !== op) {
      throw new GraphError('NAME_TAKEN', 'decodeGraph', {
        what: `two of the given ops are named ${op.name}.`,
      });
    }
    this.ops.set(op.name, op);
  }
}
