import { Coordinator } from '../coordinator/coordinator.js';
import type { CoordinatorEffect } from '../coordinator/coordinator-effect.js';
import { type CoordinatorState, parseCoordinatorState } from '../coordinator/coordinator-state.js';
import { DataLeases, type DataLeasesOptions } from '../coordinator/data-leases.js';
import type { FromShard, FromWorker } from '../coordinator/messages.js';
import type { UpdateProtocol } from '../coordinator/protocols/update-protocol.js';
import type { Invariants } from './invariants.js';
import { type ProcessOptions, SimulatedProcess } from './simulated-process.js';

export interface CoordinatorProcessOptions<P> extends ProcessOptions {
  readonly protocol: () => UpdateProtocol;
  readonly data: DataLeasesOptions;
  readonly shards: number;
  readonly checkpointEvery: number;
  readonly retryTime: number;
  readonly invariants: Invariants<P>;
}

/** The coordinator with a disk that holds its last saved state. */
export class CoordinatorProcess<P> extends SimulatedProcess<CoordinatorEffect> {
  readonly #options: CoordinatorProcessOptions<P>;
  #data: DataLeases;
  #machine: Coordinator | undefined;
  #disk: CoordinatorState | undefined;
  #generation = 0;

  constructor(options: CoordinatorProcessOptions<P>) {
    super(options);
    this.#options = options;
    this.#data = new DataLeases(options.data);
  }

  protected boot(): void {
    const { protocol, data } = this.#options;
    this.#data = new DataLeases(data);
    this.#machine = new Coordinator({ ...this.#options, protocol: protocol(), data: this.#data });
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
    const { invariants, send } = this.#options;
    switch (effect.kind) {
      case 'save':
        this.#save(effect.state);
        break;
      case 'worker':
        send(`worker:${effect.worker}`, effect.message);
        break;
      case 'shard':
        if (effect.message.kind === 'apply') {
          for (const { update } of effect.message.updates) invariants.decided(update);
        }
        send(`shard:${effect.shard}`, effect.message);
        break;
      case 'applied':
        invariants.applied(effect.update);
        break;
      case 'rewound':
        break;
    }
  }

  /** A recovery is decided once it is on the disk, even if the coordinator dies before it says so. */
  #save(state: CoordinatorState): void {
    this.#disk = state;
    if (state.generation === this.#generation) return;
    this.#generation = state.generation;
    this.#options.invariants.rewound(state.checkpoint.version);
  }

  /** Compares what is counted with what was applied. */
  audit(): void {
    if (this.alive && this.#machine) {
      this.#options.invariants.accounted(this.#machine.applied, this.#data.applied);
    }
  }
}
