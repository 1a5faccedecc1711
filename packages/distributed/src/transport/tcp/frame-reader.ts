import { decodeHead, type FrameHead, headBytes, type Side } from './frame.js';

export interface FrameHandler {
  /** A whole frame; its payload is good until the call returns. */
  frame(head: FrameHead, payload: Buffer): void;
  /** A piece of a data frame, as it came; good until the call returns. */
  data(request: number, piece: Buffer): void;
}

/**
 * Cuts a stream of bytes into frames. Only heads and frames that are no data are gathered, never more bytes than have come; the pieces of data
 * frames pass through as they are.
 */
export class FrameReader {
  private from: Side;
  private readonly handler: FrameHandler;
  /** Bytes of a head or of a frame that is not whole yet, and how many. */
  private parts: Buffer[] = [];
  private gathered = 0;
  private head: FrameHead | undefined;
  private passed = 0;

  constructor(from: Side, handler: FrameHandler) {
    this.from = from;
    this.handler = handler;
  }

  /** The other side is another from the next frame on. */
  becomes(from: Side): void {
    this.from = from;
  }

  /** Takes the next bytes; they may be overwritten afterwards. Errors: FORMAT_INVALID, and whatever the handler throws. */
  feed(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.head?.kind === 'data') rest = this.pass(this.head, rest);
      else rest = this.gather(rest);
    }
  }

  private pass({ request, length }: FrameHead, bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, length - this.passed);
    this.passed += piece.length;
    if (this.passed === length) this.head = undefined;
    this.handler.data(request, piece);
    return bytes.subarray(piece.length);
  }

  private gather(bytes: Buffer): Buffer {
    const wanted = this.head ? this.head.length : headBytes;
    const taken = bytes.subarray(0, wanted - this.gathered);
    const rest = bytes.subarray(taken.length);
    this.gathered += taken.length;
    if (this.gathered < wanted) {
      // A copy: the caller reads into the same memory again.
      this.parts.push(Buffer.from(taken));
      return rest;
    }
    const whole = this.parts.length === 0 ? taken : Buffer.concat([...this.parts, taken]);
    this.parts = [];
    this.gathered = 0;
    if (this.head) this.finish(this.head, whole);
    else this.begin(decodeHead(whole, this.from));
    return rest;
  }

  private begin(head: FrameHead): void {
    if (head.length === 0) this.finish(head, Buffer.alloc(0));
    else this.head = head;
    this.passed = 0;
  }

  private finish(head: FrameHead, payload: Buffer): void {
    this.head = undefined;
    if (head.kind !== 'data') this.handler.frame(head, payload);
  }
}
