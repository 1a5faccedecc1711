import {
  type BucketSpec,
  type Elements,
  type Frame,
  RingReduction,
  type Wire,
} from '../../src/collectives/index.js';

export interface SimulatedRing {
  readonly size: number;
  readonly buckets: readonly BucketSpec[];
  readonly pieceBytes?: number;
  readonly wire?: Wire;
  /** Below 1: what happens next. */
  readonly random: () => number;
}

/** Contributions of each replica to each bucket, round after round. */
export type Contributions = readonly (readonly (readonly Elements[])[])[];

/**
 * Sums of several rounds over replicas of this thread, whose frames arrive in order on each link and in any order else. Gives the
 * sums of the last round that each replica holds.
 */
export function summed(
  { size, buckets, pieceBytes = 64, wire = 'exact', random }: SimulatedRing,
  rounds: Contributions,
): Elements[][] {
  const links: Frame[][] = Array.from({ length: size }, () => []);
  const copy = (frame: Frame): Frame => ({ ...frame, values: frame.values.slice() as Elements });
  const rings = links.map(
    (_, rank) =>
      new RingReduction({
        rank,
        size,
        buckets,
        pieceBytes,
        wire,
        send: (frame) => links[(rank + 1) % size]?.push(copy(frame)),
      }),
  );
  // For each replica what it will contribute next: buckets in order, a round when the one before has ended.
  const begun = rings.map(() => 0);
  const actions = (rank: number): (() => void)[] => {
    const ring = rings[rank] as RingReduction;
    const [frame] = links[rank] as Frame[];
    const found: (() => void)[] = [];
    if (frame)
      found.push(() => {
        links[rank]?.shift();
        ring.take(frame);
      });
    const next = begun[rank] as number;
    const bucket = next % buckets.length;
    const values = rounds[Math.floor(next / buckets.length)]?.[rank]?.[bucket];
    if (values && ring.isDone(bucket))
      found.push(() => {
        begun[rank] = next + 1;
        ring.contribute(bucket, [values]);
      });
    return found;
  };
  for (;;) {
    const possible = rings.flatMap((_, rank) => actions(rank));
    const action = possible[Math.floor(random() * possible.length)];
    if (!action) break;
    action();
  }
  return rings.map((ring) => buckets.map((_, bucket) => ring.values(bucket)));
}
