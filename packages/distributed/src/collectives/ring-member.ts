import { GraphError } from '@tenon/core';
import type { BucketSpec, Elements } from './bucket.js';
import { type Frame, RingReduction } from './ring-reduction.js';
import type { RingSignal } from './ring-signal.js';
import { type LinkFormat, SharedLink } from './shared-link.js';

export interface RingMemberOptions extends LinkFormat {
  readonly rank: number;
  readonly size: number;
  /** Milliseconds for which the end of a sum is waited for. */
  readonly deadline: number;
  /** From the replica before. */
  readonly incoming: SharedArrayBuffer;
  /** To the next replica. */
  readonly outgoing: SharedArrayBuffer;
  /** Of this replica. */
  readonly signal: RingSignal;
  /** Called after frames were written for the next replica. */
  readonly wrote: () => void;
  /** Called after frames of the replica before were taken. */
  readonly took: () => void;
}

/**
 * One replica of a ring whose links lie in shared memory. `contribute` begins a sum and never waits: while the caller computes the
 * next bucket, frames go on at each call. `finish` sleeps until a sum is there.
 */
export class RingMember {
  readonly buckets: readonly BucketSpec[];
  private readonly options: RingMemberOptions;
  private readonly ring: RingReduction;
  private readonly incoming: SharedLink;
  private readonly outgoing: SharedLink;
  /** Frames for which the link had no room. */
  private waiting: Frame[] = [];
  private readonly accept = (frame: Frame): void => this.ring.take(frame);

  constructor(options: RingMemberOptions) {
    this.options = options;
    this.buckets = options.buckets;
    this.incoming = new SharedLink(options.incoming, options);
    this.outgoing = new SharedLink(options.outgoing, options);
    this.ring = new RingReduction({ ...options, send: (frame) => this.send(frame) });
  }

  /** Begins the next sum of a bucket. Errors: STATE_INVALID, SHAPE_MISMATCH, FORMAT_INVALID, and what ended the ring. */
  contribute(bucket: number, parts: readonly Elements[]): void {
    this.check();
    // Frames that wait still lie in the memory that is written now.
    this.until(() => this.waiting.every((frame) => frame.bucket !== bucket), bucket);
    this.ring.contribute(bucket, parts);
    this.move();
  }

  /** The sum of a bucket over all replicas, good until the next one is begun. Errors: DEADLINE_EXCEEDED, and those of `contribute`. */
  finish(bucket: number): Elements {
    this.until(() => this.ring.isDone(bucket), bucket);
    return this.ring.values(bucket);
  }

  private send(frame: Frame): void {
    if (this.waiting.length > 0 || !this.outgoing.write(frame)) this.waiting.push(frame);
    else this.options.wrote();
  }

  /** Moves what can be moved, without waiting. */
  private move(): void {
    let took = false;
    while (this.incoming.take(this.accept)) took = true;
    if (took) this.options.took();
    let wrote = 0;
    while (wrote < this.waiting.length && this.outgoing.write(this.waiting[wrote] as Frame))
      wrote++;
    if (wrote === 0) return;
    this.waiting = this.waiting.slice(wrote);
    this.options.wrote();
  }

  private until(reached: () => boolean, bucket: number): void {
    const { signal, deadline } = this.options;
    const end = performance.now() + deadline;
    for (;;) {
      const seen = signal.count;
      this.move();
      if (reached()) return;
      this.check();
      const left = end - performance.now();
      if (left <= 0) throw this.late(bucket);
      signal.sleep(seen, left);
    }
  }

  private check(): void {
    const { failure } = this.options.signal;
    if (failure) throw failure;
  }

  private late(bucket: number): GraphError {
    const { rank, size, deadline } = this.options;
    const before = (rank + size - 1) % size;
    return new GraphError('DEADLINE_EXCEEDED', 'allReduce', {
      what: `the sum of bucket ${bucket} did not come to replica ${rank} within ${deadline} ms; it waits for replica ${before}.`,
      fix: 'see whether that replica runs; give a longer deadline if steps are that long.',
    });
  }
}
