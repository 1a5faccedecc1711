import { type Callable, HostTensor, js, Session, type Tensor } from '@tenon/core';
import type { Logs, ReplicaGraph } from '@tenon/layers';

type Sums = readonly Float32Array[];

/** State of an epoch's metrics: what batches add to it, by version, so that undone updates can be taken back. */
export class MetricSums {
  private readonly names: readonly string[];
  private readonly shapes: readonly (readonly number[])[];
  private readonly session: Session;
  private readonly result: Callable<readonly Tensor[]>;
  /** Sums after each version since the last one that training can go back to. */
  private readonly versions = new Map<number, Sums>();
  private newest = 0;

  constructor({ trackers }: ReplicaGraph) {
    const cells = trackers.flatMap(({ state }) => state);
    this.names = trackers.map(({ name }) => name);
    this.shapes = cells.map(({ shape }) => shape);
    this.session = new Session({ devices: [js()] });
    this.result = this.session.prepare(
      trackers.map(({ kept }) => kept),
      cells,
    );
    this.reset();
  }

  reset(): void {
    this.versions.clear();
    this.newest = 0;
    this.versions.set(
      0,
      this.shapes.map((shape) => new Float32Array(shape.reduce((size, n) => size * n, 1))),
    );
  }

  /** An update was applied that makes a version; what each of its members adds. */
  add(version: number, added: readonly (readonly HostTensor[])[]): void {
    const before = this.versions.get(this.newest) as Sums;
    const after = before.map((sum, i) =>
      sum.map((value, j) =>
        added.reduce((total, own) => total + Number(own[i]?.data[j] ?? 0), value),
      ),
    );
    this.newest = version;
    this.versions.set(version, after);
  }

  /** Training will not go back before a version; updates up to it may still have to be added. */
  keep(version: number): void {
    const oldest = Math.min(version, this.newest);
    for (const earlier of this.versions.keys()) if (earlier < oldest) this.versions.delete(earlier);
  }

  rewind(version: number): void {
    for (const later of this.versions.keys()) if (later > version) this.versions.delete(later);
    this.newest = version;
  }

  logs(): Logs {
    const sums = this.versions.get(this.newest) as Sums;
    const values = this.result.sync(
      ...sums.map((sum, i) => new HostTensor(sum, this.shapes[i] as readonly number[])),
    );
    return Object.fromEntries(values.map((value, i) => [this.names[i], value.item()]));
  }

  close(): void {
    this.session.close();
  }
}
