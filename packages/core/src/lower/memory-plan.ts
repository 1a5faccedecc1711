/** Something that needs `bytes` from instruction `first` to instruction `last`, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  readonly offsets: readonly number[];
  readonly bytes: number;
  /** Largest sum of bytes alive at one instruction. */
  readonly leastBytes: number;
}

const alignment = 64;
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/**
 * Gives each lifetime an offset in one arena so that none that live together overlap, each in its turn in the tightest gap that
 * fits. Of several turns (largest first, longest first, ...) the one that needs least is kept; while it is not near the bound,
 * what ends highest in the arena gets an earlier turn. Offsets are multiples of 64 bytes.
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const leastBytes = peak(lifetimes);
  const sizes = lifetimes.map(({ bytes }) => aligned(bytes));
  let best: Placement | undefined;
  for (const weight of weights) {
    const start = placed(lifetimes, sizes, turns(lifetimes, sizes, weight));
    best = smaller(best, improved(lifetimes, sizes, { start, enough: nearEnough * leastBytes }));
    if (best.bytes <= nearEnough * leastBytes) break;
  }
  const { offsets, bytes } = best as Placement;
  return { offsets, bytes, leastBytes };
}

interface Placement {
  readonly offsets: readonly number[];
  readonly bytes: number;
  readonly order: readonly number[];
}

const smaller = (a: Placement | undefined, b: Placement): Placement =>
  a && a.bytes <= b.bytes ? a : b;

const nearEnough = 1.01;
// Placing takes time with the square of the number of lifetimes; large graphs, where gaps are many, get few rounds or none.
const roundsFor = (lifetimes: number): number => Math.min(24, Math.floor(8000 / lifetimes));

function improved(
  lifetimes: readonly Lifetime[],
  sizes: readonly number[],
  { start, enough }: { start: Placement; enough: number },
): Placement {
  let [kept, current] = [start, start];
  const rounds = roundsFor(lifetimes.length);
  for (let round = 0; round < rounds && kept.bytes > enough; round++) {
    const { order, offsets, bytes } = current;
    const top = (i: number) => (offsets[i] as number) + (sizes[i] as number);
    const highest = order.find((i) => top(i) === bytes) as number;
    current = placed(lifetimes, sizes, [highest, ...order.filter((i) => i !== highest)]);
    kept = smaller(kept, current);
  }
  return kept;
}

const span = ({ first, last }: Lifetime): number => last - first + 1;

/** Heavier lifetimes are placed first. No order is best for every graph. */
const weights: readonly ((lifetime: Lifetime) => number)[] = [
  ({ bytes }) => aligned(bytes),
  (lifetime) => aligned(lifetime.bytes) * span(lifetime),
  span,
  ({ first }) => -first,
];

/** The heavier the earlier; of equal ones the larger. */
function turns(
  lifetimes: readonly Lifetime[],
  sizes: readonly number[],
  weight: (lifetime: Lifetime) => number,
): number[] {
  const heaviness = lifetimes.map(weight);
  return [...lifetimes.keys()].sort(
    (a, b) =>
      (heaviness[b] as number) - (heaviness[a] as number) ||
      (sizes[b] as number) - (sizes[a] as number) ||
      a - b,
  );
}

function placed(
  lifetimes: readonly Lifetime[],
  sizes: readonly number[],
  order: readonly number[],
): Placement {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const arena = new Arena(lifetimes.length);
  for (const i of order) {
    const size = sizes[i] as number;
    if (size > 0) offsets[i] = arena.add(size, lifetimes[i] as Lifetime);
  }
  return { offsets, bytes: arena.bytes, order };
}

/** What is placed already, in order of offset. Arrays of numbers: a graph of thousands of values walks them millions of times. */
class Arena {
  bytes = 0;
  private count = 0;
  private readonly from: Float64Array;
  private readonly to: Float64Array;
  private readonly first: Float64Array;
  private readonly last: Float64Array;

  constructor(capacity: number) {
    this.from = new Float64Array(capacity);
    this.to = new Float64Array(capacity);
    this.first = new Float64Array(capacity);
    this.last = new Float64Array(capacity);
  }

  /** Places `size` bytes in the tightest gap that is free all the time, and gives the offset. */
  add(size: number, { first, last }: Lifetime): number {
    const offset = this.tightestGap(size, first, last);
    this.insert([offset, offset + size, first, last]);
    this.bytes = Math.max(this.bytes, offset + size);
    return offset;
  }

  private tightestGap(size: number, start: number, stop: number): number {
    const { from, to, first, last, count } = this;
    let [best, bestRoom, end] = [-1, Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < count; i++) {
      if ((first[i] as number) > stop || (last[i] as number) < start) continue;
      const room = (from[i] as number) - end;
      if (room >= size && room < bestRoom) [best, bestRoom] = [end, room];
      end = Math.max(end, to[i] as number);
    }
    return best >= 0 ? best : end;
  }

  private insert(row: readonly [from: number, to: number, first: number, last: number]): void {
    const columns = [this.from, this.to, this.first, this.last];
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.from[middle] as number) > row[0]) high = middle;
      else low = middle + 1;
    }
    columns.forEach((column, c) => {
      column.copyWithin(low + 1, low, this.count);
      column[low] = row[c] as number;
    });
    this.count++;
  }
}

function peak(lifetimes: readonly Lifetime[]): number {
  const changes = new Map<number, number>();
  for (const { bytes, first, last } of lifetimes) {
    changes.set(first, (changes.get(first) ?? 0) + aligned(bytes));
    changes.set(last + 1, (changes.get(last + 1) ?? 0) - aligned(bytes));
  }
  let [live, most] = [0, 0];
  for (const [, change] of [...changes].sort(([a], [b]) => a - b)) {
    live += change;
    most = Math.max(most, live);
  }
  return most;
}
