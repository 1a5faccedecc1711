import { DataLeases } from '../coordinator/data-leases.js';
import {
  type ArrayGradients,
  type ArrayParameters,
  arrayArithmetic,
  arraySgd,
} from '../coordinator/shard/array-parameters.js';
import { InvariantError, Invariants } from './invariants.js';
import { Network } from './network.js';
import { CoordinatorProcess } from './processes/coordinator-process.js';
import { EpochFeed } from './processes/epoch-feed.js';
import { ShardProcess } from './processes/shard-process.js';
import type { ProcessOptions, SimulatedProcess } from './processes/simulated-process.js';
import { WorkerProcess } from './processes/worker-process.js';
import { replay } from './replay.js';
import { SeededRandom } from './seeded-random.js';
import { simulatedProtocol } from './simulated-protocol.js';
import type { SimulationOptions, SimulationReport } from './simulation-options.js';
import { initialParameters, syntheticGradients } from './synthetic-task.js';
import { VirtualClock } from './virtual-clock.js';

const leaseTime = 120;
const retryTime = 25;
const tickTime = 12;
const downTime = [5, 200] as const;
const computeTime = [4, 12] as const;
const batchSize = 3;
const longestStart = 20;
// Sums over up to a dozen examples: a small rate keeps the parameters of long runs finite.
const arithmetic = arrayArithmetic(arraySgd(0.05));

type AnyProcess = Pick<SimulatedProcess<unknown>, 'start' | 'receive' | 'crashes'>;

/** One run of coordinator, shards and workers under a virtual clock. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #clock = new VirtualClock();
  readonly #random: SeededRandom;
  readonly #network: Network;
  readonly #invariants: Invariants<ArrayParameters>;
  readonly #processes = new Map<string, AnyProcess>();
  readonly #coordinator: CoordinatorProcess<ArrayParameters>;
  readonly #workers: WorkerProcess<ArrayParameters, ArrayGradients>[];
  readonly #shards: ShardProcess<ArrayParameters, ArrayGradients>[];
  readonly #feed: EpochFeed | undefined;
  readonly #times: number[] = [];
  /** Workers that there have been. */
  #numbers: number;
  #faulty = true;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#network = new Network(this.#clock, this.#random, options.network);
    const { take, maxStaleness = 0, shards, workers } = options;
    // Distinct sizes, so that shards of the data end at different times.
    const sizes = Array.from({ length: workers + 2 }, (_, shard) => 5 + ((shard * 7) % 6));
    const ended = () => this.#feed?.ended ?? false;
    this.#invariants = new Invariants({ shards, take, maxStaleness, sizes, ended });
    this.#feed = this.#addFeed();
    this.#coordinator = this.#addCoordinator(sizes);
    this.#shards = [...Array(shards).keys()].map((shard) => this.#addShard(shard));
    this.#workers = [...Array(workers).keys()].map((worker) => this.#addWorker(worker));
    this.#numbers = workers;
  }

  #process(name: string): ProcessOptions {
    return {
      name,
      clock: this.#clock,
      random: this.#random,
      tickTime,
      downTime,
      crashes: () => (this.#faulty ? this.#options.crashes : 0),
      send: (to, message) =>
        this.#network.send(name, to, () => this.#processes.get(to)?.receive(message)),
    };
  }

  #add<T extends AnyProcess>(name: string, process: T): T {
    this.#processes.set(name, process);
    return process;
  }

  #addFeed(): EpochFeed | undefined {
    const { epoch, workers } = this.#options;
    if (!epoch) return undefined;
    const { batches, cutTime } = epoch;
    const random = this.#random;
    return new EpochFeed({
      clock: this.#clock,
      random,
      sizes: Array.from({ length: batches }, () => 1 + random.below(batchSize)),
      ahead: 2 * workers,
      cutTime,
      drive: (act) => this.#coordinator.drive(act),
    });
  }

  #addCoordinator(sizes: readonly number[]): CoordinatorProcess<ArrayParameters> {
    const { shards, checkpointEvery } = this.#options;
    return this.#add(
      'coordinator',
      new CoordinatorProcess<ArrayParameters>({
        ...this.#process('coordinator'),
        // The chief of an epoch lives as long as its coordinator: what outlives them is a checkpoint of the model.
        ...(this.#feed && { crashes: () => 0 }),
        protocol: () => simulatedProtocol(this.#options, leaseTime),
        data: () => this.#feed?.queue ?? new DataLeases({ sizes, batchSize }),
        shards,
        checkpointEvery,
        retryTime,
        observer: this.#invariants,
      }),
    );
  }

  #addShard(shard: number): ShardProcess<ArrayParameters, ArrayGradients> {
    const name = `shard:${shard}`;
    const { maxStaleness = 0 } = this.#options;
    return this.#add(
      name,
      new ShardProcess<ArrayParameters, ArrayGradients>({
        ...this.#process(name),
        shard,
        arithmetic: this.#options.arithmetic ?? arithmetic,
        divide: 'examples',
        maxStaleness,
        initial: initialParameters(shard),
        observer: this.#invariants,
      }),
    );
  }

  #addWorker(worker: number): WorkerProcess<ArrayParameters, ArrayGradients> {
    const name = `worker:${worker}`;
    const { workers, straggler = 1 } = this.#options;
    const factor = worker === workers - 1 ? straggler : 1;
    return this.#add(
      name,
      new WorkerProcess<ArrayParameters, ArrayGradients>({
        ...this.#process(name),
        worker,
        shards: this.#options.shards,
        retryTime,
        computeTime: () => factor * this.#random.between(...computeTime),
        gradients: ({ parameters, place, batch }) =>
          syntheticGradients({ parameters, batch, worker, round: place.round }),
      }),
    );
  }

  run(): SimulationReport {
    const { faultTime } = this.#options;
    for (const process of this.#processes.values()) {
      this.#clock.schedule(this.#random.between(0, longestStart), () => process.start());
    }
    this.#clock.schedule(longestStart, () => this.#feed?.start());
    this.#plan();
    while (this.#clock.now < faultTime) this.#step();
    this.#calm();
    this.#finish();
    this.#compare();
    return this.#report();
  }

  /** Goes on until there were enough updates without faults, or the epoch is over. */
  #finish(): void {
    const { log } = this.#invariants;
    const target = log.length + this.#options.updatesAfter;
    const { network, straggler = 1 } = this.#options;
    const patience = 2 * leaseTime + 10 * network.delay[1] + 2 * straggler * computeTime[1];
    const over = () => this.#feed?.queue.done ?? log.length >= target;
    // Only then is the last of the crashed processes there again.
    let moved = this.#clock.now + downTime[1];
    let latest = log.length;
    while (!over()) {
      this.#step();
      if (log.length > latest) moved = Math.max(moved, this.#clock.now);
      latest = log.length;
      if (this.#clock.now - moved > patience) {
        throw new InvariantError(`no update for ${patience} after the faults have ended`);
      }
    }
  }

  /** Cuts of links and leaves of workers, at random times. */
  #plan(): void {
    const { cuts, leaves, faultTime, joins = 0, departures = 0 } = this.#options;
    const random = this.#random;
    const names = [...this.#processes.keys()];
    for (let i = 0; i < cuts; i++) {
      const [from, to] = [names[random.below(names.length)], names[random.below(names.length)]];
      const begin = random.between(0, faultTime);
      const end = begin + random.between(10, 3 * leaseTime);
      this.#clock.schedule(begin, () => {
        if (this.#faulty) this.#network.cut(from as string, to as string);
      });
      this.#clock.schedule(end, () => this.#network.mend(from as string, to as string));
    }
    for (let i = 0; i < leaves; i++) {
      const worker = this.#workers[random.below(this.#workers.length)];
      this.#clock.schedule(random.between(0, faultTime), () => worker?.leave());
    }
    for (let i = 0; i < joins; i++)
      this.#clock.schedule(random.between(0, faultTime), () => this.#join());
    for (let i = 0; i < departures; i++)
      this.#clock.schedule(random.between(0, faultTime), () => this.#depart());
  }

  #join(): void {
    const worker = this.#addWorker(this.#numbers++);
    this.#workers.push(worker);
    worker.start();
  }

  /** Any worker may go while as many are left as an update takes. */
  #depart(): void {
    if (this.#workers.length <= this.#options.take) return;
    const [worker] = this.#workers.splice(this.#random.below(this.#workers.length), 1);
    worker?.depart();
  }

  #calm(): void {
    this.#faulty = false;
    this.#network.calm();
  }

  #step(): void {
    if (!this.#clock.step()) throw new InvariantError('nothing is left to happen');
    const account = this.#coordinator.account;
    if (account) this.#invariants.accounted(account.updates, account.examples);
    const { length } = this.#invariants.log;
    if (length === this.#times.length) return;
    // An update that is undone and made again counts when it is made again.
    this.#times.length = Math.min(this.#times.length, length);
    while (this.#times.length < length) this.#times.push(this.#clock.now);
  }

  /** Every version that a shard holds, or has held since the last recovery, is what the commit sets give. */
  #compare(): void {
    if (this.#feed) this.#invariants.once(this.#feed.offered);
    else this.#invariants.ordered();
    const { log } = this.#invariants;
    const versions = replay(log, {
      initial: this.#shards.map((_, shard) => initialParameters(shard)),
      arithmetic,
      divide: 'examples',
      gradients: syntheticGradients,
    });
    for (const shard of this.#shards.keys()) {
      for (const [i, after] of this.#invariants.states(shard).slice(0, log.length).entries()) {
        const expected = versions[i + 1]?.[shard];
        if (expected && sameBits(after, expected)) continue;
        throw new InvariantError(`shard ${shard} differs from the replay at version ${i + 1}`);
      }
      const waiting = this.#shards[shard]?.waiting ?? 0;
      const { maxStaleness = 0 } = this.#options;
      if (waiting > 2 * this.#numbers * (maxStaleness + 1)) {
        throw new InvariantError(`shard ${shard} keeps the gradients of ${waiting} pushes`);
      }
    }
  }

  #report(): SimulationReport {
    const processes = [...this.#processes.values()];
    return {
      updates: this.#invariants.log.length,
      messages: this.#network.delivered,
      time: this.#clock.now,
      crashes: processes.reduce((sum, process) => sum + process.crashes, 0),
      recoveries: this.#invariants.recoveries,
      times: this.#times,
    };
  }
}

function sameBits(a: ArrayParameters, b: ArrayParameters): boolean {
  return Object.entries(a).every(([name, { values }]) => {
    const other = new Uint32Array((b[name]?.values ?? new Float32Array()).slice().buffer);
    const bits = new Uint32Array(values.slice().buffer);
    return bits.length === other.length && bits.every((word, i) => word === other[i]);
  });
}
