/** The rows of a table that updates have changed since the last snapshot. */
export class TouchedRows {
  private readonly versions = new Map<number, Int32Array>();

  /** The update of a version has changed these. */
  add(version: number, rows: Int32Array): void {
    this.versions.set(version, rows);
  }

  /** All rows changed by updates before a version, each once, rising. */
  before(version: number): Int32Array {
    const rows = new Set<number>();
    for (const [earlier, own] of this.versions)
      if (earlier < version) for (const row of own) rows.add(row);
    return Int32Array.from(rows).sort();
  }

  /** A snapshot has what was changed before a version. */
  forget(version: number): void {
    for (const earlier of this.versions.keys())
      if (earlier < version) this.versions.delete(earlier);
  }

  clear(): void {
    this.versions.clear();
  }
}
