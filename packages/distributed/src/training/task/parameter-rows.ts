import type { HostTensor } from '@tenon/core';
import type { HeldRows, Role } from '../messages.js';
import { putRows, roomFor, rowsFrom } from '../rows.js';

type Values = readonly HostTensor[];

/** Parameters as a replica knows them: some lie whole on one shard, others in rows on several. */
export class ParameterRows {
  private readonly names: readonly string[];
  private readonly held: readonly (readonly HeldRows[])[];
  /** How many rows there are of those that lie on several shards. */
  private readonly split: ReadonlyMap<string, number>;
  /** Where their rows are put together. */
  private readonly joined = new Map<string, HostTensor>();

  constructor({ parameters, held }: Role & { readonly role: 'replica' }) {
    this.names = parameters;
    this.held = held;
    const seen = new Map<string, HeldRows[]>();
    for (const rows of held.flat()) seen.set(rows.name, [...(seen.get(rows.name) ?? []), rows]);
    this.split = new Map(
      [...seen]
        .filter(([, rows]) => rows.length > 1)
        .map(([name, rows]) => [name, Math.max(...rows.map(({ end }) => end))]),
    );
  }

  /** What was pulled of each shard, by name; it holds until the next call. */
  pulled(shards: readonly Values[]): Map<string, HostTensor> {
    const found = new Map<string, HostTensor>();
    for (const [shard, held] of this.held.entries()) {
      held.forEach(({ name, begin }, i) => {
        const value = shards[shard]?.[i] as HostTensor;
        const rows = this.split.get(name);
        if (rows === undefined) return void found.set(name, value);
        const whole = this.whole(name, rows, value);
        putRows(value, whole, begin);
        found.set(name, whole);
      });
    }
    return found;
  }

  /** What each shard takes of the gradients, which come in the order of the names. */
  gradients(all: Values): HostTensor[][] {
    const named = new Map(this.names.map((name, i) => [name, all[i] as HostTensor]));
    return this.held.map((held) =>
      held.map(({ name, ...rows }) => rowsFrom(named.get(name) as HostTensor, rows)),
    );
  }

  private whole(name: string, rows: number, piece: HostTensor): HostTensor {
    const whole = this.joined.get(name) ?? roomFor(piece, rows);
    this.joined.set(name, whole);
    return whole;
  }
}
