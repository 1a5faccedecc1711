import type { BatchLedger } from '../../coordinator/batch-ledger.js';
import { Coordinator } from '../../coordinator/coordinator.js';
import type { CoordinatorEffect } from '../../coordinator/coordinator-effect.js';
import {
  type CoordinatorState,
  parseCoordinatorState,
} from '../../coordinator/coordinator-state.js';
import type { FromShard, FromWorker } from '../../coordinator/messages.js';
import type { UpdateProtocol } from '../../coordinator/protocols/update-protocol.js';
import type { Observer } from './observer.js';
import { type ProcessOptions, SimulatedProcess } from './simulated-process.js';

export interface CoordinatorProcessOptions<P> extends ProcessOptions {
  readonly protocol: () => UpdateProtocol;
  /** Gives the data of each start of the process. */
  readonly data: () => BatchLedger;
  readonly shards: number;
  readonly checkpointEvery: number;
  readonly retryTime: number;
  readonly observer: Observer<P>;
  /** Called before each state is on the disk, and before what follows it is sent. */
  readonly saving?: (state: CoordinatorState) => void;
}

/** The coordinator with a disk that holds its last saved state. */
export class CoordinatorProcess<P> extends SimulatedProcess<CoordinatorEffect> {
  readonly #options: CoordinatorProcessOptions<P>;
  #data: BatchLedger | undefined;
  #machine: Coordinator | undefined;
  #disk: CoordinatorState | undefined;
  #generation = 0;

  constructor(options: CoordinatorProcessOptions<P>) {
    super(options);
    this.#options = options;
  }

  protected boot(): void {
    const protocol = this.#options.protocol();
    const data = this.#options.data();
    this.#data = data;
    this.#machine = new Coordinator({ ...this.#options, protocol, data });
    if (!this.#disk) return;
    const saved = parseCoordinatorState(JSON.stringify(this.#disk));
    this.#machine.restore(saved, this.now);
  }

  protected tick(): CoordinatorEffect[] {
    return this.#machine?.tick(this.now) ?? [];
  }

  protected handle(message: unknown): CoordinatorEffect[] {
    const from = message as FromShard | FromWorker;
    const machine = this.#machine as Coordinator;
    return 'shard' in from ? machine.fromShard(from) : machine.fromWorker(from, this.now);
  }

  protected perform(effect: CoordinatorEffect): void {
    const { observer, send } = this.#options;
    switch (effect.kind) {
      case 'save':
        this.#save(effect.state);
        break;
      case 'worker':
        send(`worker:${effect.worker}`, effect.message);
        break;
      case 'shard':
        if (effect.message.kind === 'apply') {
          for (const { update } of effect.message.updates) observer.decided(update);
        }
        send(`shard:${effect.shard}`, effect.message);
        break;
      case 'applied':
        observer.applied(effect.update);
        break;
      case 'rewound':
        break;
    }
  }

  /** A recovery is decided once it is on the disk, even if the coordinator dies before it says so. */
  #save(state: CoordinatorState): void {
    this.#options.saving?.(state);
    this.#disk = state;
    if (state.generation === this.#generation) return;
    this.#generation = state.generation;
    this.#options.observer.rewound(state.checkpoint.version);
  }

  /** Lets something happen to the coordinator that is no message. */
  drive(act: (machine: Coordinator) => CoordinatorEffect[]): void {
    if (this.alive && this.#machine) this.run(act(this.#machine));
  }

  /** Updates that every shard has applied, and examples that are counted; undefined while the process is down. */
  get account(): { readonly updates: number; readonly examples: number } | undefined {
    if (!this.alive || !this.#machine || !this.#data) return undefined;
    return { updates: this.#machine.applied, examples: this.#data.applied };
  }
}
