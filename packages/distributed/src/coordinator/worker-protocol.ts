import { type Batch, type Commit, pushKey } from './commit.js';
import type { FromWorker, ShardToWorker, ToWorker, WorkerToShard } from './messages.js';
import type { Place } from './protocols/update-protocol.js';

export interface WorkerProtocolOptions {
  readonly worker: number;
  readonly incarnation: number;
  readonly shards: number;
  /** Time after which an unanswered message is sent again; leases must last several times longer. */
  readonly retryTime: number;
}

/** One step's work: seeds derive from the step and the worker, never from arrival. */
export interface Work<P> {
  /** Tells the results of this step from those of cancelled ones. */
  readonly step: number;
  /** By shard. */
  readonly parameters: readonly P[];
  readonly place: Place;
  readonly tag: number;
  readonly batch: Batch;
}

export type WorkerEffect<P, G> =
  | { readonly kind: 'coordinator'; readonly message: FromWorker }
  | { readonly kind: 'shard'; readonly shard: number; readonly message: WorkerToShard<G> }
  | { readonly kind: 'compute'; readonly work: Work<P> }
  /** The results of the step that runs are no longer wanted. */
  | { readonly kind: 'cancel' }
  /** A newer incarnation of this worker runs: this process has to end. */
  | { readonly kind: 'end' };

type Phase = 'join' | 'begin' | 'pull' | 'compute' | 'push' | 'commit' | 'wait' | 'ended';

/**
 * The worker's side of data parallel training: join, then begin, pull, compute, push, commit and wait, again and again.
 * Everything that is sent may be lost or repeated; `tick` sends again.
 */
export class WorkerProtocol<P, G> {
  readonly #options: WorkerProtocolOptions;
  #phase: Phase = 'join';
  #generation = -1;
  #sent = Number.NEGATIVE_INFINITY;
  #step = 0;
  #place: Place | undefined;
  /** A place whose parameters are too old at a shard: told until there is another one. */
  #overtakenPlace: Place | undefined;
  #batch: Batch | undefined;
  #pulled: ({ version: number; parameters: P } | undefined)[] = [];
  #commit: Commit | undefined;
  #gradients: readonly G[] = [];
  readonly #kept = new Set<number>();

  constructor(options: WorkerProtocolOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The examples of the present step. */
  get batch(): Batch | undefined {
    return this.#batch;
  }

  /** Whether the results of a step still count. */
  wants(step: number): boolean {
    return this.#phase === 'compute' && step === this.#step;
  }

  /** To be called every now and then: sends again what was not answered; the first call joins. */
  tick(now: number): WorkerEffect<P, G>[] {
    if (now - this.#sent < this.#options.retryTime) return [];
    return this.#send(now);
  }

  #enter(phase: Phase, now: number): WorkerEffect<P, G>[] {
    const running = this.#phase === 'compute' && phase !== 'push';
    this.#phase = phase;
    return running ? [{ kind: 'cancel' }, ...this.#send(now)] : this.#send(now);
  }

  #send(now: number): WorkerEffect<P, G>[] {
    this.#sent = now;
    const generation = this.#generation;
    const { worker, incarnation } = this.#options;
    const to = { worker, incarnation, generation };
    switch (this.#phase) {
      case 'join':
        return [say({ kind: 'join', worker, incarnation })];
      case 'begin':
      // Lost news of a round that is over come with the answer.
      case 'wait':
        return [say({ kind: 'begin', ...to, ...this.#told() })];
      case 'commit':
        return [say({ kind: 'commit', ...to, commit: this.#commit as Commit })];
      case 'compute':
        return [say({ kind: 'heartbeat', ...to })];
      case 'pull':
        return [say({ kind: 'heartbeat', ...to }), ...this.#pulls()];
      case 'push':
        return [say({ kind: 'heartbeat', ...to }), ...this.#pushes()];
      case 'ended':
        return [];
    }
  }

  #told(): { readonly overtaken?: Place } {
    const overtaken = this.#overtakenPlace;
    return overtaken ? { overtaken } : {};
  }

  #pulls(): WorkerEffect<P, G>[] {
    const { worker, shards } = this.#options;
    const message = {
      kind: 'pull',
      worker,
      generation: this.#generation,
      request: this.#step,
      place: this.#place as Place,
    } as const;
    return [...Array(shards).keys()].flatMap((shard) =>
      this.#pulled[shard] ? [] : { kind: 'shard' as const, shard, message },
    );
  }

  #pushes(): WorkerEffect<P, G>[] {
    const commit = this.#commit as Commit;
    const generation = this.#generation;
    return this.#gradients.flatMap((gradient, shard) => {
      const message = { kind: 'push', generation, commit, gradient } as const;
      return this.#kept.has(shard) ? [] : { kind: 'shard' as const, shard, message };
    });
  }

  /** Stops taking part of its own will. */
  leave(): WorkerEffect<P, G>[] {
    const { worker, incarnation } = this.#options;
    this.#phase = 'ended';
    return [{ kind: 'coordinator', message: { kind: 'leave', worker, incarnation } }];
  }

  fromCoordinator(message: ToWorker, now: number): WorkerEffect<P, G>[] {
    if (this.#phase === 'ended') return [];
    if ('incarnation' in message && message.incarnation !== this.#options.incarnation) return [];
    if (message.kind === 'superseded') {
      this.#phase = 'ended';
      return [{ kind: 'end' }];
    }
    if (message.kind === 'aborted') return this.#phase === 'join' ? [] : this.#enter('join', now);
    if (message.kind === 'joined') return this.#joined(message.generation, now);
    if (message.generation < this.#generation) return [];
    if (message.generation > this.#generation) {
      return this.#phase === 'join' ? [] : this.#enter('join', now);
    }
    switch (message.kind) {
      case 'work':
        return this.#begin(message, now);
      case 'decided':
        return this.#decided(message, now);
      case 'advance':
      case 'cancel':
        return this.#overtaken(message, now);
      default:
        return [];
    }
  }

  #joined(generation: number, now: number): WorkerEffect<P, G>[] {
    if (this.#phase !== 'join' || generation < this.#generation) return [];
    this.#generation = generation;
    this.#place = undefined;
    this.#overtakenPlace = undefined;
    return this.#enter('begin', now);
  }

  #begin({ place, batch }: ToWorker & { kind: 'work' }, now: number): WorkerEffect<P, G>[] {
    if (!batch) return [];
    const same = this.#place?.group === place.group && this.#place.round === place.round;
    // The coordinator does not know of a commit that had joined: it was restarted, so say it again.
    if (this.#phase === 'wait' && same) return this.#enter('commit', now);
    // A late message may name a round that is over; its commit is stale then. An earlier round than the last may also
    // be right: a restarted coordinator has forgotten rounds that ended without an update.
    if (this.#phase !== 'begin' && this.#phase !== 'wait') return [];
    this.#step++;
    this.#place = place;
    this.#overtakenPlace = undefined;
    this.#batch = batch;
    this.#pulled = Array.from({ length: this.#options.shards }, () => undefined);
    return this.#enter('pull', now);
  }

  #decided(message: ToWorker & { kind: 'decided' }, now: number): WorkerEffect<P, G>[] {
    if (this.#phase !== 'commit' || message.push !== this.#commit?.push) return [];
    const { code } = message.answer;
    if (code === 'ABORTED') return this.#enter('join', now);
    if (code === 'STALE') return this.#enter('begin', now);
    if (code === 'JOINED') this.#phase = 'wait';
    return [];
  }

  #overtaken(
    { kind, group, round }: ToWorker & { kind: 'advance' | 'cancel' },
    now: number,
  ): WorkerEffect<P, G>[] {
    // A worker that was told to wait, since the round that dropped it was not over yet, asks again.
    if (this.#phase === 'begin' && kind === 'advance') return this.#send(now);
    const mine = this.#place;
    if (mine?.group !== group || this.#phase === 'begin' || this.#phase === 'join') return [];
    const over = kind === 'advance' ? round > mine.round : round >= mine.round;
    return over ? this.#enter('begin', now) : [];
  }

  fromShard(message: ShardToWorker<P>, now: number): WorkerEffect<P, G>[] {
    const phase = this.#phase;
    if (phase !== 'pull' && phase !== 'push') return [];
    if (message.generation !== this.#generation) {
      return message.generation > this.#generation ? this.#enter('join', now) : [];
    }
    const { kind, shard } = message;
    if (kind === 'overtaken') {
      const mine = phase === 'pull' ? String(this.#step) : pushKey(this.#commit as Commit);
      if (message.of !== mine) return [];
      this.#overtakenPlace = this.#place;
      return this.#enter('begin', now);
    }
    if (kind === 'pulled' && phase === 'pull' && message.request === this.#step) {
      this.#pulled[shard] ??= { version: message.version, parameters: message.parameters };
      return this.#pulled.every((answer) => answer) ? this.#compute(now) : [];
    }
    if (kind !== 'kept' || phase !== 'push' || message.push !== pushKey(this.#commit as Commit)) {
      return [];
    }
    this.#kept.add(shard);
    return this.#kept.size === this.#options.shards ? this.#enter('commit', now) : [];
  }

  #seen(): number[] {
    return this.#pulled.map((answer) => answer?.version ?? 0);
  }

  #compute(now: number): WorkerEffect<P, G>[] {
    const work: Work<P> = {
      step: this.#step,
      parameters: this.#pulled.map((answer) => answer?.parameters as P),
      place: this.#place as Place,
      tag: Math.min(...this.#seen()),
      batch: this.#batch as Batch,
    };
    return [...this.#enter('compute', now), { kind: 'compute', work }];
  }

  /** The gradients of a step, by shard. */
  computed(step: number, gradients: readonly G[], now: number): WorkerEffect<P, G>[] {
    if (!this.wants(step)) return [];
    const { worker, incarnation } = this.#options;
    const batch = this.#batch as Batch;
    const { group, round } = this.#place as Place;
    const seen = this.#seen();
    this.#gradients = gradients;
    this.#kept.clear();
    this.#commit = {
      worker,
      incarnation,
      push: step,
      group,
      round,
      tag: Math.min(...seen),
      examples: batch.to - batch.from,
      seen,
      batch,
    };
    return this.#enter('push', now);
  }
}

function say(message: FromWorker): { readonly kind: 'coordinator'; readonly message: FromWorker } {
  return { kind: 'coordinator', message };
}
