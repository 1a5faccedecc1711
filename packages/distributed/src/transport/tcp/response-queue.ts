import type { Socket } from 'node:net';
import type { Sent } from '../../rendezvous/index.js';
import { wireValue } from '../wire-values.js';
import { dataBytes, encodeFrame, encodeHead } from './frame.js';
import { encodeHeader } from './messages.js';

/** An answer on its way: a first frame, and the bytes of a tensor after it. */
interface Response {
  readonly request: number;
  readonly bytes: Uint8Array;
  readonly done: () => void;
  first: Buffer | undefined;
  offset: number;
}

// As much as keeps the kernel busy while the next turn is made.
const mostUnwritten = 4 * dataBytes;
const nothing = new Uint8Array(0);

/**
 * Writes answers to a socket, one data frame of each in turn, so that a large tensor does not hold up small ones. No more than some
 * frames are handed to the socket before the peer has read; tensors are written from where they lie.
 */
export class ResponseQueue {
  private readonly socket: Socket;
  private waiting: Response[] = [];
  private unwritten = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Calls `done` once the last byte is handed to the kernel. */
  tensor(request: number, sent: Sent, done: () => void): void {
    const { header, bytes } = wireValue(sent);
    const first = encodeFrame('tensor', request, encodeHeader(header));
    this.push({ request, first, bytes, offset: 0, done });
  }

  frame(request: number, first: Buffer, done: () => void = () => {}): void {
    this.push({ request, first, bytes: nothing, offset: 0, done });
  }

  /** Writes nothing more of an answer. */
  drop(request: number): void {
    this.waiting = this.waiting.filter((response) => response.request !== request);
  }

  /** Drops everything. */
  clear(): void {
    this.waiting = [];
  }

  private push(response: Response): void {
    this.waiting.push(response);
    this.pump();
  }

  private pump(): void {
    while (this.unwritten < mostUnwritten && !this.socket.destroyed) {
      const response = this.waiting.shift();
      if (!response) return;
      this.turn(response);
    }
  }

  private turn(response: Response): void {
    const { request, bytes, first, offset } = response;
    const chunk = bytes.subarray(offset, offset + dataBytes);
    const parts = first ? [first] : [];
    if (chunk.length > 0)
      parts.push(encodeHead({ kind: 'data', request, length: chunk.length }), chunk as Buffer);
    response.first = undefined;
    response.offset += chunk.length;
    const last = response.offset === bytes.length;
    if (!last) this.waiting.push(response);
    this.write(parts, last ? response.done : undefined);
  }

  private write(parts: readonly Uint8Array[], done: (() => void) | undefined): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    this.unwritten += length;
    // Corked: head and bytes leave in one call of the kernel.
    this.socket.cork();
    parts.forEach((part, i) => {
      const written = () => {
        this.unwritten -= length;
        done?.();
        this.pump();
      };
      this.socket.write(part, i === parts.length - 1 ? written : undefined);
    });
    this.socket.uncork();
  }
}
