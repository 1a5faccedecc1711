import type { HostTensor } from '@tenon/core';

type Values = readonly HostTensor[];

/** A table and the slots of its optimizer: [rows, width] each. */
export interface TableState {
  readonly width: number;
  readonly parts: readonly Float32Array[];
}

/** State of a parameter shard: whole values in their order, and tables. */
export interface ShardState {
  readonly values: Values;
  readonly tables: readonly TableState[];
}

/** Rows of a table that have changed and their values in each part. Shapes: [n], [n, width]. */
export interface ChangedRows {
  readonly table: number;
  readonly rows: Int32Array;
  readonly parts: readonly Float32Array[];
}

export interface Snapshot {
  readonly values: Values;
  /** Since the snapshot before. */
  readonly changed: readonly ChangedRows[];
}

/** Snapshots of one parameter shard. Of tables, the oldest is held as a whole, and later ones by the rows that changed. */
export class Snapshots {
  private readonly tables: ShardState['tables'];
  private readonly versions = new Map<number, Snapshot>();

  /** The tables are changed from now on. */
  constructor({ values, tables }: ShardState) {
    this.tables = tables;
    this.versions.set(0, { values, changed: [] });
  }

  save(version: number, snapshot: Snapshot): void {
    this.versions.set(version, snapshot);
  }

  /** The state in a version, to which all goes back: others are forgotten. */
  load(version: number): ShardState {
    for (const later of this.versions.keys()) if (later > version) this.versions.delete(later);
    this.prune(version);
    return { values: this.versions.get(version)?.values ?? [], tables: this.tables };
  }

  /** Versions before this one are not needed any more. */
  prune(before: number): void {
    for (const [version, { values, changed }] of this.versions) {
      if (version > before) continue;
      for (const rows of changed) this.fold(rows);
      if (version < before) this.versions.delete(version);
      else this.versions.set(version, { values, changed: [] });
    }
  }

  /** The last state, which is told as a snapshot is. */
  end({ values, changed }: Snapshot): ShardState {
    this.prune(Number.POSITIVE_INFINITY);
    for (const rows of changed) this.fold(rows);
    return { values, tables: this.tables };
  }

  private fold({ table, rows, parts }: ChangedRows): void {
    const whole = this.tables[table];
    if (!whole) return;
    const { width } = whole;
    for (const [p, part] of parts.entries()) {
      for (let i = 0; i < rows.length; i++)
        whole.parts[p]?.set(part.subarray(i * width, (i + 1) * width), (rows[i] as number) * width);
    }
  }
}
