import type { ToShard, WorkerToShard } from '../../coordinator/messages.js';
import type { ShardArithmetic } from '../../coordinator/shard/arithmetic.js';
import {
  ParameterShard,
  type ParameterShardOptions,
  type ShardEffect,
} from '../../coordinator/shard/parameter-shard.js';
import type { Observer } from './observer.js';
import { type ProcessOptions, SimulatedProcess } from './simulated-process.js';

export interface ShardProcessOptions<P, G>
  extends ProcessOptions,
    Omit<ParameterShardOptions<P, G>, 'incarnation'> {
  /** Version 0. */
  readonly initial: P;
  readonly observer: Observer<P>;
}

/** A parameter shard with a disk of snapshots by version. */
export class ShardProcess<P, G> extends SimulatedProcess<ShardEffect<P>> {
  readonly #options: ShardProcessOptions<P, G>;
  readonly #disk: Map<number, P>;
  #machine: ParameterShard<P, G> | undefined;
  #applying: (ToShard & { kind: 'apply' }) | undefined;

  constructor(options: ShardProcessOptions<P, G>) {
    super(options);
    this.#options = options;
    this.#disk = new Map([[0, options.initial]]);
  }

  /** Gradients that wait for an update. */
  get waiting(): number {
    return this.#machine?.waiting ?? 0;
  }

  protected boot(): void {
    const arithmetic = this.#watched(this.#options.arithmetic);
    const incarnation = this.starts;
    this.#machine = new ParameterShard<P, G>({ ...this.#options, arithmetic, incarnation });
  }

  #watched(arithmetic: ShardArithmetic<P, G>): ShardArithmetic<P, G> {
    const { shard, observer } = this.#options;
    return {
      ...arithmetic,
      apply: (parameters, gradients, share) => {
        arithmetic.apply(parameters, gradients, share);
        const found = this.#applying?.updates.find(({ update: u }) => u.version === share.version);
        if (found) observer.shardApplied(shard, found.update, () => arithmetic.copy(parameters));
      },
    };
  }

  protected tick(): ShardEffect<P>[] {
    return this.#machine?.tick() ?? [];
  }

  protected handle(message: unknown): ShardEffect<P>[] {
    const machine = this.#machine as ParameterShard<P, G>;
    const from = message as ToShard | WorkerToShard<G>;
    if (from.kind === 'pull' || from.kind === 'push') return machine.fromWorker(from);
    this.#applying = from.kind === 'apply' ? from : undefined;
    return machine.fromCoordinator(from);
  }

  protected perform(effect: ShardEffect<P>): void {
    const { send } = this.#options;
    switch (effect.kind) {
      case 'save':
        this.#disk.set(effect.version, effect.parameters);
        break;
      case 'prune':
        for (const version of this.#disk.keys()) {
          if (version < effect.before) this.#disk.delete(version);
        }
        break;
      case 'load':
        this.#load(effect.generation, effect.version);
        break;
      case 'coordinator':
        send('coordinator', effect.message);
        break;
      case 'worker':
        send(`worker:${effect.worker}`, effect.message);
        break;
    }
  }

  #load(generation: number, version: number): void {
    const { shard, observer } = this.#options;
    for (const later of this.#disk.keys()) if (later > version) this.#disk.delete(later);
    observer.shardRestored(shard, version);
    this.run(this.#machine?.loaded(generation, version, this.#disk.get(version)) ?? []);
  }
}
