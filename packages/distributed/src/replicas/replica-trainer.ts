import { GraphError, type HostTensor } from '@tenon/core';
import type { GraphMessage, PlainTensor, StateMessage } from './messages.js';
import type { RingFormat } from './replica-kind.js';
import { ReplicaRing, type ReplicaRingOptions } from './replica-ring.js';

export interface ReplicaTrainerOptions extends ReplicaRingOptions {
  /** How often lost replicas are started again between two calls of `begin`. */
  readonly restarts: number;
  /** Steps after which the states of the replicas are compared; 0 for never. */
  readonly checkEvery: number;
}

interface Sent {
  readonly batch: readonly HostTensor[];
  /** Runs before it. */
  readonly run: number;
  end: Promise<readonly PlainTensor[]>;
}

/** Steps that replicas may have before the first has ended: the next one lies ready when they are done with one. */
const inFlight = 2;
/** Batches that are kept to be repeated where no replica is left. */
const mostKept = { steps: 100, bytes: 2 ** 26 };

const recoverable = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED']);

/**
 * Step after step on replicas. One that is lost is started again and gets the state of another; steps that the others have not made
 * are repeated, so that each batch counts once. Where none is left, all go on from the state that was read last.
 */
export class ReplicaTrainer {
  private readonly options: ReplicaTrainerOptions;
  private readonly ring: ReplicaRing;
  private sent: Sent[] = [];
  /** The state that was read last, and the steps since that have ended. */
  private last: { state: StateMessage; steps: Sent[]; bytes: number };
  private runs = 0;
  private restarts = 0;
  private logs: readonly PlainTensor[] = [];

  constructor(options: ReplicaTrainerOptions) {
    this.options = options;
    this.ring = new ReplicaRing(options);
    this.last = { state: { state: [], totals: [], runs: 0 }, steps: [], bytes: 0 };
  }

  /** Gives the replicas another graph, between steps; `begin` must follow. Errors: UNAVAILABLE, and those of `decodeGraph`. */
  load(graph: GraphMessage, format: RingFormat): Promise<void> {
    return this.ring.load(graph, format);
  }

  /** Sets the state of all replicas, between steps. */
  async begin(state: StateMessage): Promise<void> {
    this.last = { state, steps: [], bytes: 0 };
    this.runs = state.runs;
    this.restarts = 0;
    this.logs = state.totals;
    await this.repairing(() => this.ring.all('write', state));
  }

  /** Sends one step on its way; returns when the replicas can take another. Errors: what an earlier step failed with. */
  async step(batch: readonly HostTensor[]): Promise<void> {
    this.send(batch);
    while (this.sent.length >= inFlight) await this.settle();
  }

  /** Waits for the end of all steps. Errors: what one failed with. */
  async flush(): Promise<void> {
    while (this.sent.length > 0) await this.settle();
  }

  /** State of the logs after the last step that has ended. */
  get totals(): readonly PlainTensor[] {
    return this.logs;
  }

  /** The state after all steps. */
  async read(): Promise<StateMessage> {
    await this.flush();
    await this.keepState();
    return this.last.state;
  }

  close(): Promise<void> {
    return this.ring.close();
  }

  private send(batch: readonly HostTensor[]): void {
    const end = this.ring.step(batch);
    end.catch(() => {});
    this.sent.push({ batch, run: this.runs++, end });
  }

  /** Waits for the oldest step. */
  private async settle(): Promise<void> {
    const sent = this.sent[0] as Sent;
    try {
      this.logs = await sent.end;
    } catch (error) {
      await this.repair(error);
      return;
    }
    this.sent.shift();
    const { last } = this;
    last.steps.push(sent);
    last.bytes += sent.batch.reduce((sum, { data }) => sum + data.byteLength, 0);
    const { checkEvery } = this.options;
    if (checkEvery > 0 && (sent.run + 1) % checkEvery === 0) await this.check();
    if (last.steps.length >= mostKept.steps || last.bytes >= mostKept.bytes) await this.keepState();
  }

  /** Reads the state; the batches that are in it need not be kept any more. */
  private async keepState(): Promise<void> {
    const state = await this.repairing(() => this.ring.read());
    const steps = this.last.steps.filter(({ run }) => run >= state.runs);
    this.last = { state, steps, bytes: 0 };
  }

  /** Errors: STATE_INVALID where replicas differ. */
  private async check(): Promise<void> {
    const digests = await this.repairing(() => this.ring.all('digest', null));
    const other = digests.findIndex((digest) => digest !== digests[0]);
    if (other < 0) return;
    throw new GraphError('STATE_INVALID', 'allReduce', {
      what: `replicas 0 and ${other} hold different states after run ${this.runs}.`,
      fix: 'give all replicas the same kind of device; please report this otherwise.',
    });
  }

  private async repairing<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await task();
      } catch (error) {
        await this.repair(error);
      }
    }
  }

  /** Makes the ring whole, and repeats what was not done. Errors: the error, where that does not help or was tried too often. */
  private async repair(error: unknown): Promise<void> {
    if (!(error instanceof GraphError) || !recoverable.has(error.code)) throw error;
    for (;;) {
      if (this.restarts++ >= this.options.restarts) throw error;
      try {
        const state = (await this.ring.repair()) ?? this.last.state;
        await this.ring.all('write', state);
        this.repeat(state);
        return;
      } catch (again) {
        if (!(again instanceof GraphError) || !recoverable.has(again.code)) throw again;
      }
    }
  }

  private repeat(state: StateMessage): void {
    const all = [...this.last.steps, ...this.sent];
    this.last.steps = all.filter(({ run }) => run < state.runs);
    this.sent = [];
    this.runs = state.runs;
    this.logs = state.totals;
    for (const { batch } of all.filter(({ run }) => run >= state.runs)) this.send(batch);
  }
}
