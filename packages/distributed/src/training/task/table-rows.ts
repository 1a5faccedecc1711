import { HostTensor } from '@tenon/core';
import type { HeldRows, Role } from '../messages.js';
import { distinctRows, type RowValues, sumByRow } from '../table/row-values.js';
import type { ReplicaBatch } from './replica-session.js';

type Values = readonly HostTensor[];

/** The rows of a table that one shard holds, as a replica knows them. */
interface RemoteTable extends HeldRows {
  readonly width: number;
  /** Which of the graph's lookups read it. */
  readonly lookups: readonly number[];
}

/** The rows of tables that a replica pulls and pushes, by shard; shards count from the first row that they hold. */
export class TableRows {
  private readonly shards: readonly (readonly RemoteTable[])[];
  /** How many parameters of each shard come before its tables. */
  private readonly before: readonly number[];

  constructor({ tables, held, lookups }: Role & { readonly role: 'replica' }) {
    this.before = held.map(({ length }) => length);
    this.shards = tables.map((own) =>
      own.map((rows): RemoteTable => {
        const readers = [...lookups.keys()].filter((i) => lookups[i]?.table === rows.name);
        const shape = lookups[readers[0] ?? 0]?.shape ?? [];
        return { ...rows, width: shape.reduce((size, n) => size * n, 1), lookups: readers };
      }),
    );
  }

  /** What to pull of each table of a shard: [n]. */
  wanted(batch: ReplicaBatch, shard: number): Values {
    return (this.shards[shard] ?? []).map((table) => {
      const rows = heldOf(table, rowsOfBatch(table, batch));
      return new HostTensor(
        rows.map((row) => row - table.begin),
        [rows.length],
      );
    });
  }

  /** What was pulled, by table. */
  pulled(batch: ReplicaBatch, shards: readonly Values[]): Map<string, RowValues> {
    const found = new Map<string, RowValues>();
    for (const [shard, tables] of this.shards.entries()) {
      tables.forEach((table, i) => {
        const rows = heldOf(table, rowsOfBatch(table, batch));
        const values = shards[shard]?.[(this.before[shard] ?? 0) + i]?.data as Float32Array;
        const others = found.get(table.name);
        found.set(table.name, others ? joined(others, { rows, values }) : { rows, values });
      });
    }
    return found;
  }

  /** Rows and the sums of their gradients for each table of each shard. */
  gradients({ ids }: ReplicaBatch, lookups: Values): Values[] {
    const sums = new Map<string, RowValues>();
    const sumOf = ({ name, width, lookups: own }: RemoteTable) => {
      const parts = own.map((i) => ({
        rows: ids[i]?.rows as Int32Array,
        values: lookups[i]?.data as Float32Array,
      }));
      const sum = sums.get(name) ?? sumByRow(parts, width);
      sums.set(name, sum);
      return sum;
    };
    return this.shards.map((tables) =>
      tables.flatMap((table) => {
        const { rows, values } = heldPart(table, sumOf(table));
        return [
          new HostTensor(rows, [rows.length]),
          new HostTensor(values, [rows.length, table.width]),
        ];
      }),
    );
  }
}

const rowsOfBatch = ({ lookups }: RemoteTable, { ids }: ReplicaBatch): Int32Array =>
  distinctRows(lookups.map((i) => ids[i]?.rows as Int32Array));

/** Those of the rows that a shard holds. */
const heldOf = ({ begin, end }: RemoteTable, rows: Int32Array): Int32Array =>
  rows.filter((row) => row >= begin && row < end);

/** The rows that a shard holds, counted from its first one, and their values. */
function heldPart({ begin, end, width }: RemoteTable, { rows, values }: RowValues): RowValues {
  const own = [...rows.keys()].filter((i) => {
    const row = rows[i] as number;
    return row >= begin && row < end;
  });
  const found = new Float32Array(own.length * width);
  own.forEach((from, i) => {
    found.set(values.subarray(from * width, (from + 1) * width), i * width);
  });
  return { rows: Int32Array.from(own, (i) => (rows[i] as number) - begin), values: found };
}

function joined(one: RowValues, other: RowValues): RowValues {
  const rows = new Int32Array(one.rows.length + other.rows.length);
  rows.set(one.rows);
  rows.set(other.rows, one.rows.length);
  const values = new Float32Array(one.values.length + other.values.length);
  values.set(one.values);
  values.set(other.values, one.values.length);
  return { rows, values };
}
