export interface CacheOptions<V> {
  /** Takes what falls out. */
  readonly drop?: (value: V) => void;
  /** Whether an old value may stay for now: asked once for each time that room is needed. */
  readonly spare?: (value: V) => boolean;
}

/** Keeps the entries that were used last. */
export class Cache<V> {
  private readonly entries = new Map<string, V>();
  private readonly capacity: number;
  private readonly drop: (value: V) => void;
  private readonly spare: (value: V) => boolean;

  constructor(capacity: number, { drop = () => {}, spare = () => false }: CacheOptions<V> = {}) {
    this.capacity = capacity;
    this.drop = drop;
    this.spare = spare;
  }

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.entries.set(key, value);
    if (this.entries.size <= this.capacity) return;
    const oldest = this.oldestBut(key);
    this.drop(this.entries.get(oldest) as V);
    this.entries.delete(oldest);
  }

  private oldestBut(key: string): string {
    let first: string | undefined;
    for (const [other, value] of this.entries) {
      if (other === key) continue;
      first ??= other;
      if (!this.spare(value)) return other;
    }
    return first as string;
  }

  values(): Iterable<V> {
    return this.entries.values();
  }

  /** Forgets everything; nothing is dropped. */
  clear(): void {
    this.entries.clear();
  }

  get size(): number {
    return this.entries.size;
  }
}
