import { GraphError } from '@tenon/core';
import {
  type BucketSpec,
  bytesOfElement,
  type Elements,
  newElements,
  type Wire,
} from './bucket.js';
import { addElements, narrows, onWire, setElements, type WireElements } from './elements.js';

/** One piece of a bucket on its way to the next replica. */
export interface Frame {
  /** Sums of one bucket follow each other; this is the number of the sum. */
  readonly round: number;
  readonly bucket: number;
  readonly piece: number;
  /** Links that the piece has passed before this one. */
  readonly hop: number;
  /** Good until the frame was taken. */
  readonly values: WireElements;
}

export interface RingOptions {
  /** Place in the ring. */
  readonly rank: number;
  readonly size: number;
  readonly buckets: readonly BucketSpec[];
  /** The most bytes of a piece in memory. */
  readonly pieceBytes: number;
  readonly wire: Wire;
  /** Takes a frame for the next replica; its values stay as they are until the round of the bucket has ended for all. */
  readonly send: (frame: Frame) => void;
}

interface Bucket {
  readonly spec: BucketSpec;
  readonly values: Elements;
  /** Elements of each piece but the last. */
  readonly step: number;
  readonly pieces: number;
  /** Number of the sum that was begun last; 0 before the first. */
  round: number;
  /** Pieces of it whose sum is not here yet. */
  missing: number;
  /** Frames that came before this replica had begun their sum. */
  early: Frame[];
}

/**
 * One replica's part of sums over a ring of replicas, without sockets, threads or clock. A bucket is cut into pieces. Piece j starts
 * at replica j mod n; each replica adds its own elements and passes it on, until the last holds the sum (reduce-scatter); the sum
 * then goes around once more (all-gather). Pieces are on their way at the same time, and each element is added in the order of the
 * ring, so every replica gets the same bits, and so does every repetition.
 * Source: Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of workstations".
 */
export class RingReduction {
  private readonly options: RingOptions;
  private readonly buckets: readonly Bucket[];

  constructor(options: RingOptions) {
    this.options = options;
    const { size, pieceBytes } = options;
    this.buckets = options.buckets.map((spec): Bucket => {
      const most = Math.max(1, Math.floor(pieceBytes / bytesOfElement(spec.kind)));
      const step = Math.max(1, Math.min(most, Math.ceil(spec.length / size)));
      const pieces = Math.ceil(spec.length / step);
      return { spec, values: newElements(spec), step, pieces, round: 0, missing: 0, early: [] };
    });
  }

  /** Begins the next sum of a bucket with this replica's elements, part after part. Errors: STATE_INVALID, SHAPE_MISMATCH. */
  contribute(number: number, parts: readonly Elements[]): void {
    const bucket = this.bucket(number);
    if (bucket.missing > 0) {
      throw new GraphError('STATE_INVALID', 'allReduce', {
        what: `the sum of bucket ${number} has not ended.`,
      });
    }
    fill(bucket.values, parts);
    const { rank, size } = this.options;
    bucket.round++;
    if (size === 1) return;
    bucket.missing = bucket.pieces;
    for (let piece = rank; piece < bucket.pieces; piece += size)
      this.pass(number, { piece, hop: 0 });
    const { early } = bucket;
    bucket.early = [];
    for (const frame of early) this.take(frame);
  }

  /** Takes a frame of the replica before. Errors: FORMAT_INVALID for one that it can not have sent. */
  take(frame: Frame): void {
    const bucket = this.checked(frame);
    if (frame.round === bucket.round) this.advance(frame, bucket);
    // The memory of a frame is used again; the replica before may be one sum ahead.
    else bucket.early.push({ ...frame, values: frame.values.slice() as WireElements });
  }

  /** Whether the sum of a bucket that was begun last is here. */
  isDone(number: number): boolean {
    return this.bucket(number).missing === 0;
  }

  /** The elements of a bucket: after a sum its values, until the next one is begun. */
  values(number: number): Elements {
    return this.bucket(number).values;
  }

  private advance({ bucket: number, piece, hop, values }: Frame, bucket: Bucket): void {
    const { size, wire } = this.options;
    const own = pieceOf(bucket, piece);
    if (hop >= size - 1) setElements(own, values);
    else addElements(own, values);
    // Who holds the sum first has it as exactly as those to whom it travels.
    if (hop === size - 2 && narrows(own, wire)) setElements(own, onWire(own, wire));
    if (hop >= size - 2) bucket.missing--;
    if (hop < 2 * size - 3) this.pass(number, { piece, hop: hop + 1 });
  }

  private pass(number: number, { piece, hop }: Pick<Frame, 'piece' | 'hop'>): void {
    const { wire, send } = this.options;
    const bucket = this.bucket(number);
    const values = onWire(pieceOf(bucket, piece), wire);
    send({ round: bucket.round, bucket: number, piece, hop, values });
  }

  private checked(frame: Frame): Bucket {
    const { size, rank, wire } = this.options;
    const { round, bucket: number, piece, hop, values } = frame;
    const bucket = this.buckets[number];
    if (!bucket || piece >= bucket.pieces) return malformed('it names no piece of a bucket.');
    if (hop > 2 * size - 3 || (piece + hop + 1) % size !== rank)
      return malformed('the piece is not due at this replica.');
    if (round !== bucket.round && round !== bucket.round + 1)
      return malformed(`it belongs to sum ${round}; this replica is at ${bucket.round}.`);
    const own = pieceOf(bucket, piece);
    const narrow = narrows(own, wire);
    if (values.length !== own.length || narrow !== values instanceof Uint16Array)
      return malformed(`it holds ${values.length} elements of ${own.length}.`);
    return bucket;
  }

  private bucket(number: number): Bucket {
    const found = this.buckets[number];
    if (found) return found;
    throw new GraphError('INDEX_OUT_OF_RANGE', 'allReduce', {
      what: `there is no bucket ${number} among ${this.buckets.length}.`,
    });
  }
}

const pieceOf = ({ values, step }: Bucket, piece: number): Elements =>
  values.subarray(piece * step, (piece + 1) * step) as Elements;

function fill(values: Elements, parts: readonly Elements[]): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length !== values.length || parts.some((part) => part.constructor !== values.constructor)) {
    throw new GraphError('SHAPE_MISMATCH', 'allReduce', {
      what: `${length} elements were given for a bucket of ${values.length}, or they are of another kind.`,
    });
  }
  let at = 0;
  for (const part of parts) {
    values.set(part as Float32Array, at);
    at += part.length;
  }
}

function malformed(what: string): never {
  throw new GraphError('FORMAT_INVALID', 'allReduce', {
    what: `a frame of the replica before makes no sense: ${what}`,
    fix: 'see whether all replicas run the same version and the same graph.',
  });
}
