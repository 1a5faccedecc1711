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
 * fits. Of several turns (largest first, longest first, ...) the one that needs least is kept. Offsets are multiples of 64 bytes.
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const leastBytes = peak(lifetimes);
  let best: MemoryPlan | undefined;
  for (const weight of weights) {
    const plan = { ...placed(lifetimes, weight), leastBytes };
    if (!best || plan.bytes < best.bytes) best = plan;
    if (best.bytes === leastBytes) break;
  }
  return best as MemoryPlan;
}

const span = ({ first, last }: Lifetime): number => last - first + 1;

/** Heavier lifetimes are placed first. No order is best for every graph. */
const weights: readonly ((lifetime: Lifetime) => number)[] = [
  ({ bytes }) => aligned(bytes),
  (lifetime) => aligned(lifetime.bytes) * span(lifetime),
  span,
  ({ first }) => -first,
];

function placed(
  lifetimes: readonly Lifetime[],
  weight: (lifetime: Lifetime) => number,
): Omit<MemoryPlan, 'leastBytes'> {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const heaviness = lifetimes.map(weight);
  const order = lifetimes
    .map((_, i) => i)
    .sort(
      (a, b) =>
        (heaviness[b] as number) - (heaviness[a] as number) ||
        sizeAt(lifetimes, b) - sizeAt(lifetimes, a) ||
        a - b,
    );
  const done: number[] = [];
  let bytes = 0;
  for (const i of order) {
    const size = sizeAt(lifetimes, i);
    if (size === 0) continue;
    const { first, last } = lifetimes[i] as Lifetime;
    const busy = done.filter((j) => overlap(lifetimes[j] as Lifetime, first, last));
    const offset = tightestGap(
      busy.map((j) => [offsets[j] as number, (offsets[j] as number) + sizeAt(lifetimes, j)]),
      size,
    );
    offsets[i] = offset;
    bytes = Math.max(bytes, offset + size);
    // Kept in order of offset, so that gaps are found in one walk.
    const place = done.findIndex((j) => (offsets[j] as number) > offset);
    done.splice(place < 0 ? done.length : place, 0, i);
  }
  return { offsets, bytes };
}

const sizeAt = (lifetimes: readonly Lifetime[], i: number): number =>
  aligned((lifetimes[i] as Lifetime).bytes);

const overlap = (a: Lifetime, first: number, last: number): boolean =>
  a.first <= last && first <= a.last;

function tightestGap(busy: readonly (readonly [number, number])[], size: number): number {
  let [best, bestRoom, end] = [-1, Number.POSITIVE_INFINITY, 0];
  for (const [from, to] of busy) {
    const room = from - end;
    if (room >= size && room < bestRoom) [best, bestRoom] = [end, room];
    end = Math.max(end, to);
  }
  return best >= 0 ? best : end;
}

function peak(lifetimes: readonly Lifetime[]): number {
  const changes = new Map<number, number>();
  lifetimes.forEach(({ first, last }, i) => {
    changes.set(first, (changes.get(first) ?? 0) + sizeAt(lifetimes, i));
    changes.set(last + 1, (changes.get(last + 1) ?? 0) - sizeAt(lifetimes, i));
  });
  let [live, most] = [0, 0];
  for (const [, change] of [...changes].sort(([a], [b]) => a - b)) {
    live += change;
    most = Math.max(most, live);
  }
  return most;
}
