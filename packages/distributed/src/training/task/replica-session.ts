import {
  type Callable,
  type Device,
  decodeGraph,
  GraphError,
  HostTensor,
  js,
  type OpInfo,
  Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import type { ReplicaFetches } from '../chief/replica-fetches.js';
import type { LookupRole } from '../messages.js';
import { lookUp, type RowValues, rowsOf } from '../table/row-values.js';

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
  readonly lookups: readonly LookupRole[];
}

/** What a batch reads by one lookup. */
interface Ids {
  readonly rows: Int32Array;
  readonly shape: readonly number[];
}

/** A part of the data, and what it looks up. */
export interface ReplicaBatch {
  readonly values: readonly HostTensor[];
  readonly ids: readonly Ids[];
}

/** What a step reads: parameters by name, and by name of tables the rows that its batch looks up. */
export interface Pulled {
  readonly parameters: ReadonlyMap<string, HostTensor>;
  readonly rows: ReadonlyMap<string, RowValues>;
}

/** What a step of a replica gives. */
export interface ReplicaResult {
  readonly gradients: readonly HostTensor[];
  /** By what each lookup gave. */
  readonly lookups: readonly HostTensor[];
  readonly metrics: readonly HostTensor[];
}

/** The model of a replica in a session of its own. */
export class ReplicaSession {
  private readonly session: Session;
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly step: Callable<Record<keyof ReplicaResult, readonly Tensor[]>>;
  private readonly lookups: readonly LookupRole[];
  /** Computes on this thread: what a batch looks up is known before it is pulled. */
  private readonly reading: Session;
  private readonly ids: Callable<readonly Tensor[]>;
  private readonly ready: Promise<unknown>;

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN. */
  constructor(options: ReplicaSessionOptions) {
    const { devices, ops, seed, graph, columns, fixed, lookups } = options;
    const { fetches, inputs, variables } = decodeGraph<ReplicaFetches>(graph, { ops });
    this.session = new Session({ devices, seed });
    this.variables = variables;
    const input = (name: string) => {
      const tensor = inputs.get(name);
      if (tensor) return tensor;
      throw new GraphError('FORMAT_INVALID', name, { what: 'the graph does not take it.' });
    };
    const batch = Array.from({ length: columns }, (_, i) => input(`batch/${i}`));
    const rows = lookups.map((_, i) => input(`lookup/${i}`));
    const { ids, gradients, lookups: found, metrics } = fetches;
    const step = { gradients, lookups: found, metrics };
    this.step = this.session.prepare(step, [...batch, ...rows, input('examples')]);
    this.lookups = lookups;
    this.reading = new Session({ devices: [js()] });
    this.ids = this.reading.prepare(ids, batch);
    this.ready = this.write(fixed);
    // Who runs a step is told.
    this.ready.catch(() => {});
  }

  /** What a batch looks up. Errors: INDEX_OUT_OF_RANGE, FEED_INVALID. */
  read(values: readonly HostTensor[]): ReplicaBatch {
    const found = this.lookups.length > 0 ? this.ids.sync(...values) : [];
    const ids = found.map(({ data, shape }, i) => {
      const { rows: count, where } = this.lookups[i] as LookupRole;
      return { rows: rowsOf(data, { count, where }), shape };
    });
    return { values, ids };
  }

  /** Gradients at these parameters. Errors: those of the ops, FEED_INVALID. */
  async run(pulled: Pulled, { values, ids }: ReplicaBatch, runs: number): Promise<ReplicaResult> {
    const rows = this.lookups.map(({ table, shape }, i) => {
      const own = ids[i] as Ids;
      const width = shape.reduce((size, n) => size * n, 1);
      const found = lookUp(pulled.rows.get(table) as RowValues, own.rows, width);
      return new HostTensor(found, [...own.shape, ...shape]);
    });
    await this.ready;
    await this.write(pulled.parameters);
    this.session.runs = runs;
    const examples = values[0]?.shape[0] ?? 0;
    return this.step(...values, ...rows, new HostTensor(Float32Array.of(examples), []));
  }

  close(): void {
    this.session.close();
    this.reading.close();
  }

  private async write(values: ReadonlyMap<string, HostTensor>): Promise<void> {
    for (const [name, value] of values) {
      const variable = this.variables.get(name);
      if (variable) await this.session.write(variable, value);
    }
  }
}
