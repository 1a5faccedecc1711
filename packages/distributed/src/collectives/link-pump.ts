import { setMaxListeners } from 'node:events';
import { GraphError, HostTensor } from '@tenon/core';
import type { Pull, Sent } from '../rendezvous/index.js';
import type { TensorSource, Transport } from '../transport/transport.js';
import type { RingSignal } from './ring-signal.js';
import type { SharedLink } from './shared-link.js';

export interface LinkPumpOptions {
  /** Name of the ring: frames of another one are not answered. */
  readonly ring: string;
  readonly incoming: SharedLink;
  readonly outgoing: SharedLink;
  /** Of the replica. */
  readonly signal: RingSignal;
}

interface Waiting {
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/** Frames that are asked for before the first has come: no round trip lies between one and the next. */
const mostAsked = 16;

/**
 * Moves frames between the shared links of a replica and the replicas of other processes: the next one pulls from here, this one pulls
 * from the one before. Frame i of a link has the key i, and is asked for long before it is there.
 */
export class LinkPump implements TensorSource {
  private readonly options: LinkPumpOptions;
  private readonly abort = new AbortController();
  /** Pulls of the next replica, by the number of the frame. */
  private readonly pulls = new Map<number, Waiting>();
  private from: { readonly transport: Transport; readonly before: string } | undefined;
  private sent = 0;
  private asked = 0;
  private arrived = 0;
  /** Frames that came before one that is older, or for which the link has no room. */
  private readonly frames = new Map<number, Uint8Array>();
  private failure: { readonly error: unknown } | undefined;

  constructor(options: LinkPumpOptions) {
    this.options = options;
    // Every frame that is asked for listens to it.
    setMaxListeners(0, this.abort.signal);
  }

  /** Begins to pull from the replica before, by the name that the transport knows it by. */
  start(transport: Transport, before: string): void {
    this.from = { transport, before };
    this.move();
  }

  /** Answers a pull of the next replica when the frame is there. Errors: ABORTED for another ring, and what ended this one. */
  take({ step, key, signal }: Pull): Promise<Sent> {
    const { ring } = this.options;
    if (step !== ring) {
      const what = `ring ${step} is over; this replica is in ring ${ring}.`;
      return Promise.reject(new GraphError('ABORTED', 'allReduce', { what }));
    }
    if (this.failure) return Promise.reject(this.failure.error);
    const number = Number(key);
    return new Promise((resolve, reject) => {
      this.pulls.set(number, { resolve, reject });
      signal?.addEventListener('abort', () => this.pulls.delete(number), { once: true });
      this.move();
    });
  }

  /** Moves what can be moved; to be called when the replica has written or taken frames. */
  move(): void {
    if (this.failure) return;
    try {
      this.answer();
      this.land();
    } catch (error) {
      this.end(error, 'this process');
    }
    this.ask();
  }

  /** Ends the ring for the replica and for the one that pulls from it. */
  end(error: unknown, who: string): void {
    if (this.failure) return;
    this.failure = { error };
    this.options.signal.abort(error, who);
    this.abort.abort();
    for (const { reject } of this.pulls.values()) reject(error);
    this.pulls.clear();
    this.frames.clear();
  }

  private answer(): void {
    for (let pull = this.pulls.get(this.sent); pull; pull = this.pulls.get(this.sent)) {
      const bytes = this.options.outgoing.takeBytes();
      if (!bytes) return;
      this.pulls.delete(this.sent++);
      pull.resolve({ value: new HostTensor(bytes, [bytes.length]) });
      this.options.signal.ring();
    }
  }

  private land(): void {
    const { incoming, signal } = this.options;
    for (
      let frame = this.frames.get(this.arrived);
      frame && incoming.writeBytes(frame);
      frame = this.frames.get(this.arrived)
    ) {
      this.frames.delete(this.arrived++);
      signal.ring();
    }
  }

  private ask(): void {
    if (!this.from || this.failure) return;
    const { transport, before } = this.from;
    const { ring: step } = this.options;
    const { signal } = this.abort;
    while (this.asked - this.arrived < mostAsked) {
      const number = this.asked++;
      transport
        .receive({ worker: before, step, key: String(number), deadline: Infinity, signal })
        .then(
          ({ data }) => {
            this.frames.set(number, data as Uint8Array);
            this.move();
          },
          (error) => this.end(error, before),
        );
    }
  }
}
