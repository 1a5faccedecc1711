import {
  type Callable,
  decodeGraph,
  GraphError,
  HostTensor,
  type OpInfo,
  type Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import type { RowValues } from './row-values.js';
import type { Table } from './table.js';
import { rowsAtOnce, type TableFetches } from './table-graph.js';

/** State of an optimizer that all parameters share, before an update. */
export interface OptimizerClock {
  readonly iterations: HostTensor;
  readonly learningRate: number;
}

/** Applies an optimizer's rule to rows of one table, some at a time. */
export class TableUpdate {
  private readonly session: Session;
  private readonly shape: readonly number[];
  private readonly parts: readonly Variable[];
  private readonly iterations: Variable;
  private readonly learningRate: Variable;
  private readonly update: Callable<Tensor>;

  /** Errors: FORMAT_INVALID. */
  constructor(session: Session, graph: Uint8Array, ops: Iterable<OpInfo>) {
    const { fetches, inputs, variables } = decodeGraph<TableFetches>(graph, { ops });
    const gradient = inputs.get('gradient');
    const iterations = variables.get('iterations');
    const learningRate = variables.get('learningRate');
    if (!gradient || !iterations || !learningRate) {
      throw new GraphError('FORMAT_INVALID', 'table', { what: 'it is not the graph of a table.' });
    }
    this.session = session;
    this.parts = [...variables].flatMap(([name, part]) => (name.startsWith('part/') ? part : []));
    this.shape = this.parts[0]?.shape ?? [];
    this.iterations = iterations;
    this.learningRate = learningRate;
    this.update = session.prepare(fetches.update, [gradient]);
  }

  /** One step down the gradient of distinct rows; others stay as they are. Errors: INDEX_OUT_OF_RANGE. */
  apply(table: Table, { rows, values }: RowValues, clock: OptimizerClock): void {
    const parts = this.parts.map((_, part) => table.read(rows, part));
    const size = rowsAtOnce * table.width;
    for (let from = 0; from < values.length; from += size) {
      const own = (array: Float32Array) => array.subarray(from, from + size);
      this.block(parts.map(own), own(values), clock);
    }
    table.write(rows, parts);
  }

  private block(
    parts: readonly Float32Array[],
    gradient: Float32Array,
    { iterations, learningRate }: OptimizerClock,
  ): void {
    const { session } = this;
    session.writeSync(this.iterations, iterations);
    session.writeSync(this.learningRate, learningRate);
    this.parts.forEach((variable, part) => {
      session.writeSync(variable, this.filled(parts[part] as Float32Array));
    });
    this.update.sync(this.filled(gradient));
    const after = session.runSync([...this.parts]);
    after.forEach(({ data }, i) => {
      const part = parts[i] as Float32Array;
      part.set((data as Float32Array).subarray(0, part.length));
    });
  }

  /** Rows of a block, with zeros where there are fewer. */
  private filled(rows: Float32Array): HostTensor {
    const [count = 0, width = 0] = this.shape;
    if (rows.length === count * width) return new HostTensor(rows, this.shape);
    const block = new Float32Array(count * width);
    block.set(rows);
    return new HostTensor(block, this.shape);
  }
}
