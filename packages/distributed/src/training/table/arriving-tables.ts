import type { HostTensor } from '@tenon/core';
import type { TableRole } from '../messages.js';
import { Table } from './table.js';

/** Tables that come in blocks of rows. */
export class ArrivingTables {
  private readonly roles: readonly TableRole[];
  private arrays: readonly (readonly Float32Array[])[] | undefined;

  constructor(roles: readonly TableRole[]) {
    this.roles = roles;
  }

  /** Rows of all parts, from one on. */
  put(
    { table, from }: { readonly table: number; readonly from: number },
    parts: readonly HostTensor[],
  ): void {
    this.arrays ??= this.empty();
    const width = this.roles[table]?.width ?? 0;
    parts.forEach(({ data }, p) => {
      this.arrays?.[table]?.[p]?.set(data as Float32Array, from * width);
    });
  }

  /** All that has come. */
  take(): Table[] {
    const arrays = this.arrays ?? this.empty();
    this.arrays = undefined;
    return arrays.map((own, i) => new Table(own, this.roles[i]?.width ?? 1));
  }

  private empty(): Float32Array[][] {
    return this.roles.map(({ rows, width, parts }) =>
      Array.from({ length: parts }, () => new Float32Array(rows * width)),
    );
  }
}
