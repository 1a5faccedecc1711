import { GraphError } from '@tenon/core';
import { type BucketSpec, bytesOfElement, type ElementKind, type Wire } from './bucket.js';
import type { WireElements } from './elements.js';
import type { Frame } from './ring-reduction.js';

/** What both ends of a link know of its frames. */
export interface LinkFormat {
  readonly buckets: readonly BucketSpec[];
  readonly pieceBytes: number;
  readonly wire: Wire;
  /** Frames that fit into the link before the first was taken. */
  readonly slots: number;
}

const counters = 8; // bytes: frames written, frames taken
/** u32 each: round, bucket, piece, hop, bytes of the elements, zero. A multiple of 8, so that doubles lie as they must. */
export const frameHeadBytes = 24;

const slotBytes = ({ pieceBytes }: LinkFormat): number =>
  frameHeadBytes + Math.ceil(Math.max(pieceBytes, 8) / 8) * 8;

export const newLinkMemory = (format: LinkFormat): SharedArrayBuffer =>
  new SharedArrayBuffer(counters + format.slots * slotBytes(format));

/**
 * A link from one replica to the next in shared memory: a ring of slots, each with one frame. One thread writes, one takes; neither
 * waits here.
 */
export class SharedLink {
  private readonly format: LinkFormat;
  private readonly memory: SharedArrayBuffer;
  private readonly counts: Int32Array;

  constructor(memory: SharedArrayBuffer, format: LinkFormat) {
    this.format = format;
    this.memory = memory;
    this.counts = new Int32Array(memory, 0, 2);
  }

  /** Whether the frame was written; there may be no room. */
  write({ round, bucket, piece, hop, values }: Frame): boolean {
    const at = this.free();
    if (at === undefined) return false;
    const head = new Uint32Array(this.memory, at, frameHeadBytes / 4);
    head.set([round, bucket, piece, hop, values.byteLength, 0]);
    const { buffer, byteOffset, byteLength } = values;
    new Uint8Array(this.memory, at + frameHeadBytes, byteLength).set(
      new Uint8Array(buffer, byteOffset, byteLength),
    );
    Atomics.add(this.counts, 0, 1);
    return true;
  }

  /** Whether the bytes of a frame, as `bytes` gives them, were written. Errors: FORMAT_INVALID. */
  writeBytes(frame: Uint8Array): boolean {
    const most = slotBytes(this.format);
    if (frame.length < frameHeadBytes || frame.length > most)
      return refuse(`it has ${frame.length} bytes.`);
    const at = this.free();
    if (at === undefined) return false;
    new Uint8Array(this.memory, at, frame.length).set(frame);
    Atomics.add(this.counts, 0, 1);
    return true;
  }

  /** Lets `use` see the oldest frame, and frees its slot; false where there is none. Errors: FORMAT_INVALID. */
  take(use: (frame: Frame) => void): boolean {
    const at = this.oldest();
    if (at === undefined) return false;
    use(this.frameAt(at));
    Atomics.add(this.counts, 1, 1);
    return true;
  }

  /** A copy of the oldest frame's bytes, whose slot is freed; undefined where there is none. */
  takeBytes(): Uint8Array | undefined {
    const at = this.oldest();
    if (at === undefined) return undefined;
    const length = new Uint32Array(this.memory, at, 5)[4] as number;
    const bytes = new Uint8Array(this.memory, at, frameHeadBytes + length).slice();
    Atomics.add(this.counts, 1, 1);
    return bytes;
  }

  private frameAt(at: number): Frame {
    const [round, bucket, piece, hop, bytes] = new Uint32Array(this.memory, at, 5) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    const spec = this.format.buckets[bucket];
    if (!spec) return refuse(`it names bucket ${bucket} of ${this.format.buckets.length}.`);
    const values = this.valuesAt(at + frameHeadBytes, bytes, spec.kind);
    return { round, bucket, piece, hop, values };
  }

  private valuesAt(at: number, bytes: number, kind: ElementKind): WireElements {
    const narrow = this.format.wire === 'bfloat16' && kind === 'float32';
    const size = narrow ? 2 : bytesOfElement(kind);
    if (bytes % size !== 0 || frameHeadBytes + bytes > slotBytes(this.format))
      return refuse(`its elements have ${bytes} bytes.`);
    if (narrow) return new Uint16Array(this.memory, at, bytes / size);
    if (kind === 'float32') return new Float32Array(this.memory, at, bytes / size);
    if (kind === 'float64') return new Float64Array(this.memory, at, bytes / size);
    return new Int32Array(this.memory, at, bytes / size);
  }

  // Counts wrap around at 2^32; the difference stays right.
  private free(): number | undefined {
    const written = Atomics.load(this.counts, 0);
    const used = (written - Atomics.load(this.counts, 1)) | 0;
    return used < this.format.slots ? this.slot(written) : undefined;
  }

  private oldest(): number | undefined {
    const taken = Atomics.load(this.counts, 1);
    return taken === Atomics.load(this.counts, 0) ? undefined : this.slot(taken);
  }

  private slot(count: number): number {
    return counters + ((count >>> 0) % this.format.slots) * slotBytes(this.format);
  }
}

function refuse(what: string): never {
  throw new GraphError('FORMAT_INVALID', 'allReduce', {
    what: `a frame of the replica before makes no sense: ${what}`,
  });
}
