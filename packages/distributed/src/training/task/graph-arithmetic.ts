import {
  type Callable,
  type Device,
  decodeGraph,
  GraphError,
  HostTensor,
  type OpInfo,
  Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import type { RowSelection } from '../../coordinator/messages.js';
import type { ShardArithmetic, Share } from '../../coordinator/shard/arithmetic.js';
import type { ShardFetches } from '../chief/shard-graph.js';
import type { TableRole } from '../messages.js';
import { type RowValues, sumByRow } from '../table/row-values.js';
import type { Table } from '../table/table.js';
import { TableUpdate } from '../table/table-update.js';
import { TouchedRows } from '../table/touched-rows.js';
import { ShardParameters } from './shard-parameters.js';

/**
 * Gradients in the order of the shard's parameters, each the sum over the examples of a replica; then of each table the rows and
 * theirs.
 */
export type Gradients = readonly HostTensor[];

export interface GraphArithmeticOptions {
  /** Must be synchronous. */
  readonly device: Device;
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
  readonly graph: Uint8Array;
  /** Names of the parameters. */
  readonly parameters: readonly string[];
  /** Names of all that makes the state; the parameters come first. */
  readonly state: readonly string[];
  readonly tables: readonly TableRole[];
  /** Of the tables' updates. */
  readonly tableGraphs: readonly Uint8Array[];
}

/** Parameters in their order, and the rows wanted of each table. */
type Pulled = readonly HostTensor[];

/** Arithmetic of a parameter shard on a device: sums of gradients, and the optimizer's update, as graphs. */
export class GraphArithmetic implements ShardArithmetic<ShardParameters, Gradients, Pulled> {
  /** Rows that updates have changed, by table. */
  readonly touched: readonly TouchedRows[];
  private readonly session: Session;
  private readonly variables: readonly Variable[];
  private readonly count: number;
  private readonly rate: Variable | undefined;
  private readonly iterations: Variable | undefined;
  private readonly tables: readonly TableRole[];
  private readonly tableUpdates: readonly TableUpdate[];
  private readonly first: Callable<Tensor>;
  private readonly more: Callable<Tensor>;
  private readonly update: Callable<Tensor>;
  /** Whose values the variables of the session hold. */
  private settled: ShardParameters | undefined;

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN. */
  constructor(options: GraphArithmeticOptions) {
    const { device, ops, graph, parameters, state, tables, tableGraphs } = options;
    const { fetches, inputs, variables } = decodeGraph<ShardFetches>(graph, { ops });
    const named = <T>(from: ReadonlyMap<string, T>, name: string): T => {
      const found = from.get(name);
      if (found) return found;
      throw new GraphError('FORMAT_INVALID', name, { what: 'the graph does not have it.' });
    };
    this.session = new Session({ devices: [device] });
    this.count = parameters.length;
    this.variables = state.map((name) => named(variables, name));
    this.rate = variables.get('learningRate');
    this.iterations = variables.get('iterations');
    this.tables = tables;
    this.tableUpdates = tableGraphs.map((own) => new TableUpdate(this.session, own, ops));
    this.touched = tables.map(() => new TouchedRows());
    const gradients = parameters.map((_, i) => named(inputs, `gradient/${i}`));
    this.first = this.session.prepare(fetches.first, gradients);
    this.more = this.session.prepare(fetches.more, gradients);
    this.update = this.session.prepare(fetches.update, [named(inputs, 'divisor')]);
  }

  /** A state that came from elsewhere. */
  of(values: readonly HostTensor[], tables: readonly Table[]): ShardParameters {
    return new ShardParameters(
      { session: this.session, variables: this.variables },
      values,
      tables,
    );
  }

  copy(parameters: ShardParameters): ShardParameters {
    return parameters.copy();
  }

  read(parameters: ShardParameters, rows: RowSelection = {}): Pulled {
    const found = this.tables.map(({ name, width }, i) => {
      const wanted = Int32Array.from(rows[name] ?? []);
      const values = (parameters.tables[i] as Table).read(wanted, 0);
      return new HostTensor(values, [wanted.length, width]);
    });
    return [...parameters.read().slice(0, this.count), ...found];
  }

  apply(parameters: ShardParameters, gradients: readonly Gradients[], share: Share): void {
    if (this.settled !== parameters) {
      // What the variables hold now is read while they hold it.
      this.settled?.read();
      parameters.settle();
      this.settled = parameters;
    }
    this.updateTables(parameters, gradients, share);
    gradients.forEach((own, i) => {
      (i === 0 ? this.first : this.more).sync(...own.slice(0, this.count));
    });
    this.scaled(share.scale, () => this.update.sync(share.divisor));
    parameters.moved();
  }

  /** To be called while the variables hold the steps so far. */
  private updateTables(
    { tables }: ShardParameters,
    gradients: readonly Gradients[],
    { divisor, scale, version }: Share,
  ): void {
    const { session, iterations, rate } = this;
    if (tables.length === 0 || !iterations || !rate) return;
    const clock = {
      iterations: session.runSync(iterations),
      learningRate: session.runSync(rate).item() * scale,
    };
    for (const [i, table] of tables.entries()) {
      const { rows, values } = sumByRow(
        gradients.map((own) => this.gradientOf(own, i)),
        table.width,
      );
      const means = values.map((sum) => sum / divisor);
      this.tableUpdates[i]?.apply(table, { rows, values: means }, clock);
      this.touched[i]?.add(version, rows);
    }
  }

  /** Errors: FORMAT_INVALID. */
  private gradientOf(own: Gradients, table: number): RowValues {
    const [rows, values] = own.slice(this.count + 2 * table);
    const width = this.tables[table]?.width ?? 0;
    if (rows?.dtype === 'int32' && values?.dtype === 'float32' && values.size === rows.size * width)
      return { rows: rows.data as Int32Array, values: values.data as Float32Array };
    throw new GraphError('FORMAT_INVALID', this.tables[table]?.name ?? 'table', {
      what: 'what was pushed are not rows and their gradients.',
    });
  }

  close(): void {
    this.session.close();
  }

  /** With the learning rate of one update changed by a factor. */
  private scaled(factor: number, update: () => unknown): void {
    const { rate, session } = this;
    if (factor === 1 || !rate) return void update();
    const before = session.runSync(rate);
    session.writeSync(rate, before.item() * factor);
    update();
    session.writeSync(rate, before);
  }
}
