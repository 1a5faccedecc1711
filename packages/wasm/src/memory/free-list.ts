const alignment = 64;

/**
 * Which bytes of an address space are taken. Blocks are 64-byte aligned and come from the lowest gap that fits, so that what is
 * allocated in a row lies in a row.
 */
export class FreeList {
  /** Gaps by rising address. */
  private readonly gaps: { from: number; to: number }[];
  private readonly sizes = new Map<number, number>();

  constructor(from: number, to: number) {
    this.gaps = [{ from, to }];
  }

  /** The address of a new block, or undefined where none fits. */
  allocate(bytes: number): number | undefined {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const found = this.gaps.findIndex(({ from, to }) => to - from >= size);
    const gap = this.gaps[found];
    if (!gap) return undefined;
    const address = gap.from;
    gap.from += size;
    if (gap.from === gap.to) this.gaps.splice(found, 1);
    this.sizes.set(address, size);
    return address;
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
    return last ? last.from : Number.POSITIVE_INFINITY;
  }

  private join(at: number): void {
    const [gap, next] = [this.gaps[at], this.gaps[at + 1]];
    if (!gap || !next || gap.to !== next.from) return;
    gap.to = next.to;
    this.gaps.splice(at + 1, 1);
  }
}
