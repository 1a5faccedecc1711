import {
  type Callable,
  type Device,
  decodeGraph,
  GraphError,
  HostTensor,
  type OpInfo,
  Session,
  type Variable,
} from '@tenon/core';
import type { ReplicaFetches } from '../chief/replica-fetches.js';

export interface ReplicaSessionOptions {
  readonly devices: readonly Device[];
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
  readonly seed: number;
  readonly graph: Uint8Array;
  /** How many inputs a batch fills. */
  readonly columns: number;
  /** Names and values of what never changes. */
  readonly fixed: ReadonlyMap<string, HostTensor>;
}

/** What a step of a replica gives. */
export interface ReplicaResult {
  readonly gradients: readonly HostTensor[];
  readonly metrics: readonly HostTensor[];
}

/** The model of a replica in a session of its own. */
export class ReplicaSession {
  private readonly session: Session;
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly step: Callable<ReplicaFetches>;
  private readonly ready: Promise<unknown>;

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN. */
  constructor({ devices, ops, seed, graph, columns, fixed }: ReplicaSessionOptions) {
    const { fetches, inputs, variables } = decodeGraph<ReplicaFetches>(graph, { ops });
    this.session = new Session({ devices, seed });
    this.variables = variables;
    const names = [...Array.from({ length: columns }, (_, i) => `batch/${i}`), 'examples'];
    const feeds = names.map((name) => {
      const tensor = inputs.get(name);
      if (tensor) return tensor;
      throw new GraphError('FORMAT_INVALID', name, { what: 'the graph does not take it.' });
    });
    this.step = this.session.prepare(fetches, feeds);
    this.ready = this.write(fixed);
  }

  /** Gradients at these parameters. Errors: those of the ops, FEED_INVALID. */
  async run(
    parameters: ReadonlyMap<string, HostTensor>,
    batch: readonly HostTensor[],
    runs: number,
  ): Promise<ReplicaResult> {
    await this.ready;
    await this.write(parameters);
    this.session.runs = runs;
    const examples = batch[0]?.shape[0] ?? 0;
    return this.step(...batch, new HostTensor(Float32Array.of(examples), []));
  }

  close(): void {
    this.session.close();
  }

  private async write(values: ReadonlyMap<string, HostTensor>): Promise<void> {
    for (const [name, value] of values) {
      const variable = this.variables.get(name);
      if (variable) await this.session.write(variable, value);
    }
  }
}
