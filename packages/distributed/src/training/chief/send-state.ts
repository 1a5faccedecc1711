import { HostTensor } from '@tenon/core';
import { blocksOf } from '../table/blocks.js';
import type { ShardState } from './snapshots.js';
import type { TaskLink } from './task-link.js';

/** Sends a parameter shard the snapshot that it asked for: tables in blocks of rows, then all the rest. */
export function sendState(
  link: TaskLink,
  { values, tables }: ShardState,
  of: { readonly run: number; readonly generation: number; readonly version: number },
): void {
  for (const [table, { width, parts }] of tables.entries()) {
    const rows = (parts[0]?.length ?? 0) / width;
    for (const { from, to } of blocksOf(rows, { width, parts: parts.length })) {
      const block = parts.map(
        (part) => new HostTensor(part.subarray(from * width, to * width), [to - from, width]),
      );
      link.send({ kind: 'rows', run: of.run, table, from }, block);
    }
  }
  link.send({ kind: 'loaded', ...of }, values);
}
