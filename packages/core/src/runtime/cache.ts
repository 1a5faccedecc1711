/** Keeps the entries that were used last; what falls out is handed to `drop`. */
export class Cache<V> {
  private readonly entries = new Map<string, V>();
  private readonly capacity: number;
  private readonly drop: (value: V) => void;

  constructor(capacity: number, drop: (value: V) => void = () => {}) {
    this.capacity = capacity;
    this.drop = drop;
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
    const [oldest] = this.entries.keys();
    this.drop(this.entries.get(oldest as string) as V);
    this.entries.delete(oldest as string);
  }

  clear(): void {
    for (const value of this.entries.values()) this.drop(value);
    this.entries.clear();
  }

  get size(): number {
    return this.entries.size;
  }
}
