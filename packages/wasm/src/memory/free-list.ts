const alignment = 64;

const aligned = (bytes: number): number =>
  Math.max(alignment, Math.ceil(bytes / alignment) * alignment);

/**
 * Which bytes of an address space are taken. Blocks are 64-byte aligned and come from the lowest gap that fits, so that what is
 * allocated in a row lies in a row.
 */
export class FreeList {
  /** Gaps by rising address. */
  private readonly gaps: { from: number; to: number }[];
  private readonly sizes = new Map<number, number>();
  private readonly end: number;

  constructor(from: number, to: number) {
    this.gaps = [{ from, to }];
    this.end = to;
  }

  /** The address of a new block, or undefined where none fits. */
  allocate(bytes: number): number | undefined {
    const size = aligned(bytes);
    const found = this.gaps.findIndex(({ from, to }) => to - from >= size);
    const gap = this.gaps[found];
    if (!gap) return undefined;
    const address = gap.from;
    gap.from += size;
    if (gap.from === gap.to) this.gaps.splice(found, 1);
    this.sizes.set(address, size);
    return address;
  }

  /** The addresses of new blocks that lie one after the other, or undefined where they do not fit. */
  allocateRow(bytes: readonly number[]): number[] | undefined {
    const sizes = bytes.map(aligned);
    const first = this.allocate(sizes.reduce((sum, size) => sum + size, 0));
    if (first === undefined) return undefined;
    let next = first;
    return sizes.map((size) => {
      const address = next;
      this.sizes.set(address, size);
      next += size;
      return address;
    });
  }

  /** Gives a block back. One that is not taken is left alone. */
  free(address: number): void {
    const size = this.sizes.get(address);
    if (size === undefined) return;
    this.sizes.delete(address);
    const next = this.gaps.findIndex(({ from }) => from > address);
    const at = next < 0 ? this.gaps.length : next;
    this.gaps.splice(at, 0, { from: address, to: address + size });
    this.join(at);
    this.join(at - 1);
  }

  /** The end of the highest block. */
  get top(): number {
    const last = this.gaps.at(-1);
    return last?.to === this.end ? last.from : this.end;
  }

  private join(at: number): void {
    const [gap, next] = [this.gaps[at], this.gaps[at + 1]];
    if (!gap || !next || gap.to !== next.from) return;
    gap.to = next.to;
    this.gaps.splice(at + 1, 1);
  }
}
