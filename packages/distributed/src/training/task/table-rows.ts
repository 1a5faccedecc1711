import { HostTensor } from '@tenon/core';
import type { Role } from '../messages.js';
import { distinctRows, type RowValues, sumByRow } from '../table/row-values.js';
import type { ReplicaBatch } from './replica-session.js';

type Values = readonly HostTensor[];

/** A table as a replica knows it. */
interface RemoteTable {
  readonly name: string;
  readonly width: number;
  /** Which of the graph's lookups read it. */
  readonly lookups: readonly number[];
}

/** The rows of tables that a replica pulls and pushes, by shard. */
export class TableRows {
  private readonly shards: readonly (readonly RemoteTable[])[];
  /** How many parameters of each shard come before its tables. */
  private readonly before: readonly number[];

  constructor({ tables, parameters, lookups }: Role & { readonly role: 'replica' }) {
    this.before = parameters.map(({ length }) => length);
    this.shards = tables.map((names) =>
      names.map((name): RemoteTable => {
        const own = [...lookups.keys()].filter((i) => lookups[i]?.table === name);
        const shape = lookups[own[0] ?? 0]?.shape ?? [];
        return { name, width: shape.reduce((size, n) => size * n, 1), lookups: own };
      }),
    );
  }

  /** What to pull of each table of a shard: [n]. */
  wanted(batch: ReplicaBatch, shard: number): Values {
    return (this.shards[shard] ?? []).map((table) => {
      const rows = rowsOfBatch(table, batch);
      return new HostTensor(rows, [rows.length]);
    });
  }

  /** What was pulled, by table. */
  pulled(batch: ReplicaBatch, shards: readonly Values[]): Map<string, RowValues> {
    const found = this.shards.flatMap((tables, shard) =>
      tables.map((table, i) => {
        const values = shards[shard]?.[(this.before[shard] ?? 0) + i]?.data as Float32Array;
        return [table.name, { rows: rowsOfBatch(table, batch), values }] as const;
      }),
    );
    return new Map(found);
  }

  /** Rows and the sums of their gradients for each table of each shard. */
  gradients({ ids }: ReplicaBatch, lookups: Values): Values[] {
    return this.shards.map((tables) =>
      tables.flatMap(({ width, lookups: own }) => {
        const parts = own.map((i) => ({
          rows: ids[i]?.rows as Int32Array,
          values: lookups[i]?.data as Float32Array,
        }));
        const { rows, values } = sumByRow(parts, width);
        return [new HostTensor(rows, [rows.length]), new HostTensor(values, [rows.length, width])];
      }),
    );
  }
}

const rowsOfBatch = ({ lookups }: RemoteTable, { ids }: ReplicaBatch): Int32Array =>
  distinctRows(lookups.map((i) => ids[i]?.rows as Int32Array));
