import type { MessagePort } from 'node:worker_threads';
import { HostTensor, type TypedArray } from '@tenon/core';
import { type Clock, systemClock } from '../../rendezvous/index.js';
import { overBefore, watch } from '../../rendezvous/wait.js';
import { errorOf, unavailable } from '../failure.js';
import { landed } from '../incoming-tensor.js';
import type { ReceiveRequest, Transport } from '../transport.js';
import { isShared, newClaim, type ToReceiver, type ToSender, wins } from './messages.js';

interface Pending {
  readonly request: ReceiveRequest;
  readonly claim: Int32Array | undefined;
  readonly resolve: (value: HostTensor) => void;
  readonly reject: (error: unknown) => void;
  /** Set while the sender writes into memory that was to be taken back: the error that follows. */
  overdue?: unknown;
}

/**
 * Pulls tensors from one other thread of this process: `into` that is shared is written by the sender, which is the only copy; values
 * in shared memory are handed over where they lie, others are copied once, and once more into `into` that is not shared.
 */
export class ThreadTransport implements Transport {
  private readonly port: MessagePort;
  private readonly clock: Clock;
  private readonly pending = new Map<number, Pending>();
  private requests = 0;
  private closed: string | undefined;

  constructor(port: MessagePort, clock: Clock = systemClock) {
    this.port = port;
    this.clock = clock;
    port.on('message', (message: ToReceiver) => this.message(message));
    port.on('close', () => this.end('has ended its thread.'));
    // Nobody waits yet: the port alone keeps no process alive.
    port.unref();
  }

  async receive(request: ReceiveRequest): Promise<HostTensor> {
    const { worker, step, key, deadline, into } = request;
    if (this.closed !== undefined) throw unavailable(worker, this.closed);
    const over = overBefore(request, this.clock);
    if (over) throw over;
    const number = ++this.requests;
    const claim = into && isShared(into) ? newClaim() : undefined;
    return new Promise<HostTensor>((resolve, reject) => {
      const stop = watch(request, this.clock, (error) => this.give(number, error));
      this.pending.set(number, {
        request,
        claim,
        resolve: (value) => {
          stop();
          resolve(value);
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      });
      if (this.pending.size === 1) this.port.ref();
      const shared = into && claim ? { into, claim } : {};
      this.post({ kind: 'pull', request: number, step, key, deadline, ...shared });
    });
  }

  async close(): Promise<void> {
    this.end('is not asked any more: the transport was closed.');
    this.port.close();
  }

  private post(message: ToSender): void {
    this.port.postMessage(message);
  }

  private message(message: ToReceiver): void {
    const pending = this.settle(message.request);
    if (!pending) return;
    const { request, resolve, reject, overdue } = pending;
    if (overdue !== undefined) reject(overdue);
    else if (message.kind === 'failure') reject(errorOf(message.failure, request.worker));
    else {
      try {
        const { dtype, shape } = message;
        const values = message.kind === 'tensor' ? message.values : (request.into as TypedArray);
        const value = new HostTensor(values, shape, dtype);
        resolve(message.kind === 'tensor' ? landed(value, request.into) : value);
      } catch (error) {
        reject(error);
      }
    }
  }

  /** Ends one request from this side; if the sender is writing into its memory, once that is done. */
  private give(number: number, error: unknown): void {
    const pending = this.pending.get(number);
    if (!pending) return;
    if (pending.claim && !wins(pending.claim)) {
      pending.overdue = error;
      return;
    }
    this.settle(number);
    this.post({ kind: 'cancel', request: number });
    pending.reject(error);
  }

  private settle(number: number): Pending | undefined {
    const pending = this.pending.get(number);
    this.pending.delete(number);
    if (this.pending.size === 0) this.port.unref();
    return pending;
  }

  private end(why: string): void {
    this.closed ??= why;
    for (const [number, { request, reject }] of this.pending) {
      this.settle(number);
      reject(unavailable(request.worker, why));
    }
  }
}
