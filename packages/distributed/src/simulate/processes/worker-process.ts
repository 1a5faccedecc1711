import type { ShardToWorker, ToWorker } from '../../coordinator/messages.js';
import { type Work, type WorkerEffect, WorkerProtocol } from '../../coordinator/worker-protocol.js';
import { type ProcessOptions, SimulatedProcess } from './simulated-process.js';

export interface WorkerProcessOptions<P, G> extends ProcessOptions {
  readonly worker: number;
  readonly shards: number;
  readonly retryTime: number;
  /** Draws the time of a step. */
  readonly computeTime: () => number;
  /** Gradients by shard. */
  readonly gradients: (work: Work<P>, worker: number) => readonly G[];
}

/** A worker whose steps take virtual time. */
export class WorkerProcess<P, G> extends SimulatedProcess<WorkerEffect<P, G>> {
  readonly #options: WorkerProcessOptions<P, G>;
  #machine: WorkerProtocol<P, G> | undefined;

  constructor(options: WorkerProcessOptions<P, G>) {
    super(options);
    this.#options = options;
  }

  protected boot(): void {
    const incarnation = this.starts;
    this.#machine = new WorkerProtocol<P, G>({ ...this.#options, incarnation });
  }

  /** Says that it leaves, ends, and comes back later as a new incarnation. */
  leave(): void {
    if (this.alive) this.run(this.#machine?.leave() ?? []);
    this.crash();
  }

  /** Leaves for good; whether that is said on the way may be lost. */
  depart(): void {
    if (this.alive) this.run(this.#machine?.leave() ?? []);
    this.end();
  }

  protected tick(): WorkerEffect<P, G>[] {
    return this.#machine?.tick(this.now) ?? [];
  }

  protected handle(message: unknown): WorkerEffect<P, G>[] {
    const from = message as ToWorker | ShardToWorker<P>;
    const machine = this.#machine as WorkerProtocol<P, G>;
    return 'shard' in from
      ? machine.fromShard(from, this.now)
      : machine.fromCoordinator(from, this.now);
  }

  protected perform(effect: WorkerEffect<P, G>): void {
    const { send } = this.#options;
    switch (effect.kind) {
      case 'coordinator':
        send('coordinator', effect.message);
        break;
      case 'shard':
        send(`shard:${effect.shard}`, effect.message);
        break;
      case 'compute':
        this.#compute(effect.work);
        break;
      case 'end':
        this.crash();
        break;
      case 'cancel':
        break;
    }
  }

  #compute(work: Work<P>): void {
    const { clock, computeTime, gradients, worker } = this.#options;
    const start = this.starts;
    clock.schedule(computeTime(), () => {
      if (!this.alive || start !== this.starts) return;
      // A cancelled step's results are refused by the protocol; they cost nothing here.
      if (this.#machine?.wants(work.step) !== true) return;
      this.run(this.#machine.computed(work.step, gradients(work, worker), this.now));
    });
  }
}
