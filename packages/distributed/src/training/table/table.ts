import { GraphError } from '@tenon/core';

/** A version is in the arrays if it has no next one; else it differs from the next one by the rows that it keeps. */
interface Version {
  next: Version | undefined;
  kept: Map<number, Float32Array>;
}

/**
 * A parameter by rows with the slots of its optimizer. Copies share their arrays: to copy, to read and to write some rows takes
 * a time that does not depend on the size, and a copy that nobody holds any more takes no memory.
 * Source: Baker 1991, "Shallow binding makes functional arrays fast".
 */
export class Table {
  readonly width: number;
  /** The values, then the slots: [rows, width] each. */
  private readonly arrays: readonly Float32Array[];
  private version: Version;

  constructor(arrays: readonly Float32Array[], width: number, version = newest()) {
    this.arrays = arrays;
    this.width = width;
    this.version = version;
  }

  copy(): Table {
    return new Table(this.arrays, this.width, this.version);
  }

  /** Rows of the values, part 0, or of a slot. Shapes: [n] -> [n, width]. Errors: INDEX_OUT_OF_RANGE. */
  read(rows: Int32Array, part: number): Float32Array {
    this.check(rows);
    const { width, arrays } = this;
    const found = new Float32Array(rows.length * width);
    const array = arrays[part] as Float32Array;
    const current = this.version.next === undefined;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const kept = current ? undefined : this.keptRow(row);
      const from = kept ? part * width : row * width;
      found.set((kept ?? array).subarray(from, from + width), i * width);
    }
    return found;
  }

  /** New values of distinct rows: [n, width] of each part. Errors: INDEX_OUT_OF_RANGE. */
  write(rows: Int32Array, parts: readonly Float32Array[]): void {
    this.check(rows);
    this.settle();
    const { width } = this;
    const before = this.version;
    this.version = newest();
    before.next = this.version;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      before.kept.set(row, this.rowNow(row));
      parts.forEach((part, p) => {
        this.arrays[p]?.set(part.subarray(i * width, (i + 1) * width), row * width);
      });
    }
  }

  private keptRow(row: number): Float32Array | undefined {
    let version: Version | undefined = this.version;
    for (; version; version = version.next) {
      const kept = version.kept.get(row);
      if (kept) return kept;
    }
    return undefined;
  }

  /** A row of all parts, one after the other. */
  private rowNow(row: number): Float32Array {
    const { width, arrays } = this;
    const values = new Float32Array(width * arrays.length);
    arrays.forEach((array, p) => {
      values.set(array.subarray(row * width, (row + 1) * width), p * width);
    });
    return values;
  }

  /** Brings this version into the arrays; what later ones changed is kept with them. */
  private settle(): void {
    const chain: Version[] = [];
    for (let version = this.version; version.next; version = version.next) chain.push(version);
    for (const version of chain.reverse()) {
      const later = version.next as Version;
      for (const [row, values] of version.kept) {
        later.kept.set(row, this.rowNow(row));
        this.arrays.forEach((array, p) => {
          array.set(values.subarray(p * this.width, (p + 1) * this.width), row * this.width);
        });
      }
      later.next = version;
      version.next = undefined;
      version.kept = new Map();
    }
  }

  private check(rows: Int32Array): void {
    const count = (this.arrays[0]?.length ?? 0) / this.width;
    const wrong = rows.find((row) => row < 0 || row >= count);
    if (wrong === undefined) return;
    throw new GraphError('INDEX_OUT_OF_RANGE', 'parameter shard', {
      what: `row ${wrong} of a table of ${count}.`,
      fix: 'pull and push rows of the table only.',
    });
  }
}

const newest = (): Version => ({ next: undefined, kept: new Map() });
