import { GraphError } from '../errors.js';
import type { HostTensor } from '../graph/host-tensor.js';

interface Entry {
  value?: HostTensor;
  waiter?: { resolve: (value: HostTensor) => void; reject: (error: unknown) => void };
}

/** Where the parts of one run meet: each key is sent once and received once, in either order. */
export class Rendezvous {
  private readonly entries = new Map<string, Entry>();
  /** Kept in an object: what was thrown may be undefined. */
  private failure: { readonly error: unknown } | undefined;

  send(key: string, value: HostTensor): void {
    if (this.failure) throw this.failure.error;
    const entry = this.entries.get(key);
    if (entry?.waiter) {
      this.entries.delete(key);
      entry.waiter.resolve(value);
      return;
    }
    if (entry)
      throw new GraphError('GRAPH_INVALID', 'rendezvous', { what: `${key} was sent twice.` });
    this.entries.set(key, { value });
  }

  /** Resolves when the value arrives, rejects when the run is aborted. */
  async receive(key: string): Promise<HostTensor> {
    if (this.failure) throw this.failure.error;
    const entry = this.entries.get(key);
    if (entry?.value) {
      this.entries.delete(key);
      return entry.value;
    }
    if (entry)
      throw new GraphError('GRAPH_INVALID', 'rendezvous', { what: `${key} is received twice.` });
    return new Promise((resolve, reject) => this.entries.set(key, { waiter: { resolve, reject } }));
  }

  /** Fails everyone who waits and everyone who comes later. */
  abort(error: unknown): void {
    this.failure ??= { error };
    for (const { waiter } of this.entries.values()) waiter?.reject(error);
    this.entries.clear();
  }

  /** Keys that were sent and never received, or the other way round. */
  get open(): readonly string[] {
    return [...this.entries.keys()];
  }
}
