import { DataLeases } from '../coordinator/data-leases.js';
import { Asynchronous } from '../coordinator/protocols/asynchronous.js';
import { CommitSets } from '../coordinator/protocols/commit-sets.js';
import { Hybrid } from '../coordinator/protocols/hybrid.js';
import type { UpdateProtocol } from '../coordinator/protocols/update-protocol.js';
import { CoordinatorProcess } from '../simulate/processes/coordinator-process.js';
import { ShardProcess } from '../simulate/processes/shard-process.js';
import type { ProcessOptions } from '../simulate/processes/simulated-process.js';
import { WorkerProcess } from '../simulate/processes/worker-process.js';
import { SeededRandom } from '../simulate/seeded-random.js';
import { VirtualClock } from '../simulate/virtual-clock.js';
import { drawComputeTime, workerRandom } from './cluster/compute-time.js';
import { Host } from './cluster/host.js';
import { messageBytes, type ShardSizes, sizedArithmetic } from './cluster/sized-parameters.js';
import { Wire } from './cluster/wire.js';
import type { WholeScaleOptions } from './scale-options.js';
import { quantile, type ScaleReport } from './scale-report.js';
import { UpdateTimes } from './update-times.js';

// Nothing is lost and nobody dies here, so nothing is sent twice and no lease runs out.
const retryTime = 1e12;
const leaseTime = 1e15;
const tickTime = 10;
const manyExamples = 2 ** 50;

interface Node {
  readonly host: Host;
  readonly process: { start(): void; receive(message: unknown): void };
}

/** What is counted at one moment; a report is of the difference of two. */
interface Counts {
  readonly time: number;
  readonly computed: number;
  readonly steps: number;
  readonly messages: number;
  readonly bytes: number;
  readonly coordinator: number;
  readonly threads: readonly number[];
  readonly networks: readonly number[];
}

/** One run of the coordinator's protocol on simulated hosts. */
export class ScaleSimulation {
  readonly #options: WholeScaleOptions;
  readonly #clock = new VirtualClock();
  readonly #wire: Wire;
  readonly #times: UpdateTimes;
  readonly #nodes = new Map<string, Node>();
  readonly #sizes: ShardSizes;
  #started = false;
  #computed = 0;
  #steps = 0;

  constructor(options: WholeScaleOptions) {
    this.#options = options;
    const { model, parameterServers, workers } = options;
    const { denseBytes, sparse } = model;
    const { rowBytes = 0, rowsPerStep = 0, tableBytes = 0 } = sparse ?? {};
    this.#sizes = {
      dense: denseBytes / parameterServers,
      table: tableBytes / parameterServers,
      rows: (rowsPerStep * rowBytes) / parameterServers,
      rowIds: (rowsPerStep * 4) / parameterServers,
    };
    this.#wire = new Wire(this.#clock, options.costs.latency);
    this.#times = new UpdateTimes(this.#clock);
    this.#addCoordinator();
    for (let shard = 0; shard < parameterServers; shard++) this.#addShard(shard);
    for (let worker = 0; worker < workers; worker++) this.#addWorker(worker);
  }

  run(): ScaleReport {
    const { steps, warmUp, parameterServers } = this.#options;
    const parallel = this.#parallel();
    for (const name of ['coordinator', ...this.#shardNames()]) this.#node(name).process.start();
    this.#until(() => this.#times.ready(parameterServers) && this.#quiet());
    this.#started = true;
    this.#startWorkers();
    // The first update has no time since the one before it.
    this.#until(() => this.#times.updates >= (warmUp + 1) * parallel);
    this.#times.reset();
    const before = this.#counts();
    this.#until(() => this.#times.updates >= steps * parallel);
    return this.#report(before, this.#counts());
  }

  /** Logical workers, each of which makes its updates one after the other. */
  #parallel(): number {
    const { mode, workers, groups } = this.#options;
    return { sync: 1, async: workers, hybrid: groups }[mode];
  }

  #shardNames(): string[] {
    return Array.from({ length: this.#options.parameterServers }, (_, i) => `shard:${i}`);
  }

  #node(name: string): Node {
    return this.#nodes.get(name) as Node;
  }

  /** Whether every message has been dealt with: a worker that began earlier would be told to wait for its retry. */
  #quiet(): boolean {
    return this.#wire.underway === 0 && [...this.#nodes.values()].every(({ host }) => host.idle);
  }

  #until(reached: () => boolean): void {
    while (!reached()) this.#clock.step();
  }

  /** Workers that start at one moment would go on in step with each other for long where nothing makes them. */
  #startWorkers(): void {
    const random = new SeededRandom(this.#options.seed);
    for (let worker = 0; worker < this.#options.workers; worker++) {
      const delay = random.next() * this.#options.model.computeTime.median;
      this.#clock.schedule(delay, () => this.#node(`worker:${worker}`).process.start());
    }
  }

  /** Makes a process on a host of its own. */
  #add(
    name: string,
    bandwidth: number,
    make: (options: ProcessOptions, host: Host) => Node['process'],
  ): void {
    const { requestTime, transferTimePerByte } = this.#options.costs;
    const host = new Host({
      clock: this.#clock,
      bandwidth,
      requestTime,
      transferTimePerByte,
      receive: (message) => this.#node(name).process.receive(message),
    });
    const options: ProcessOptions = {
      name,
      clock: this.#clock,
      random: new SeededRandom(this.#options.seed),
      tickTime,
      crashes: () => 0,
      downTime: [0, 0],
      send: (to, message) => {
        const bytes = messageBytes(message as Parameters<typeof messageBytes>[0], this.#sizes);
        this.#wire.carry(message, bytes, { from: host, to: this.#node(to).host });
      },
    };
    this.#nodes.set(name, { host, process: make(options, host) });
  }

  #addCoordinator(): void {
    const { costs, workers, parameterServers, model, checkpointEvery, durable } = this.#options;
    const saveTime = durable ? costs.saveTime + workers * costs.saveTimePerWorker : 0;
    this.#add('coordinator', costs.serverBandwidth, (options, host) => {
      return new CoordinatorProcess<number>({
        ...options,
        protocol: () => this.#protocol(),
        data: () =>
          new DataLeases({
            sizes: Array.from({ length: workers }, () => manyExamples),
            batchSize: model.examplesPerStep,
          }),
        shards: parameterServers,
        checkpointEvery,
        retryTime,
        observer: this.#times,
        saving: () => this.#charge(host, saveTime),
      });
    });
  }

  #protocol(): UpdateProtocol {
    const { mode, take, groups, maxStaleness } = this.#options;
    const make = {
      sync: () => new CommitSets({ take, leaseTime }),
      async: () => new Asynchronous({ leaseTime, maxStaleness }),
      hybrid: () => new Hybrid({ take, leaseTime, groups, maxStaleness }),
    };
    return make[mode]();
  }

  /** Loading the first parameters is no part of what is measured. */
  #charge(host: Host, seconds: number): void {
    if (this.#started && seconds > 0) host.work(seconds);
  }

  #addShard(shard: number): void {
    const { costs, mode, maxStaleness } = this.#options;
    this.#add(`shard:${shard}`, costs.serverBandwidth, (options, host) => {
      return new ShardProcess<number, number>({
        ...options,
        shard,
        arithmetic: sizedArithmetic(this.#sizes, costs, (seconds) => this.#charge(host, seconds)),
        divide: 'members',
        maxStaleness: mode === 'sync' ? 0 : maxStaleness,
        initial: this.#sizes.dense + this.#sizes.table,
        observer: this.#times,
      });
    });
  }

  #addWorker(worker: number): void {
    const { costs, parameterServers, model, seed } = this.#options;
    const { dense, rows } = this.#sizes;
    const gradients = Array.from({ length: parameterServers }, () => dense + rows);
    let time = 0;
    const random = workerRandom(seed, worker);
    this.#add(`worker:${worker}`, costs.workerBandwidth, (options) => {
      return new WorkerProcess<number, number>({
        ...options,
        worker,
        shards: parameterServers,
        retryTime,
        computeTime: () => {
          time = drawComputeTime(model.computeTime, random);
          this.#steps++;
          return time + costs.stepTime;
        },
        // Asked for when a step has come to its end.
        gradients: () => {
          this.#computed += time;
          return gradients;
        },
      });
    });
  }

  #counts(): Counts {
    const hosts = this.#shardNames().map((name) => this.#node(name).host);
    return {
      time: this.#clock.now,
      computed: this.#computed,
      steps: this.#steps,
      messages: this.#wire.messages,
      bytes: this.#wire.bytes,
      coordinator: this.#node('coordinator').host.busy,
      threads: hosts.map(({ busy }) => busy),
      networks: hosts.flatMap(({ sending, receiving }) => [sending.busy, receiving.busy]),
    };
  }

  #report(before: Counts, after: Counts): ScaleReport {
    const { updates, examples, members, staleness, intervals } = this.#times;
    const time = after.time - before.time;
    const steps = after.steps - before.steps;
    const most = (key: 'threads' | 'networks'): number =>
      Math.max(...after[key].map((busy, i) => busy - (before[key][i] as number))) / time;
    const sorted = [...intervals].sort((a, b) => a - b);
    return {
      stepTime: {
        p10: quantile(sorted, 0.1),
        median: quantile(sorted, 0.5),
        p90: quantile(sorted, 0.9),
      },
      examplesPerSecond: examples / time,
      updatesPerSecond: updates / time,
      unusedSteps: Math.max(0, 1 - members / steps),
      staleness: staleness / updates,
      busy: {
        compute: (after.computed - before.computed) / time / this.#options.workers,
        serverThread: most('threads'),
        serverNetwork: most('networks'),
        coordinatorThread: (after.coordinator - before.coordinator) / time,
      },
      messagesPerUpdate: (after.messages - before.messages) / updates,
      bytesPerUpdate: (after.bytes - before.bytes) / updates,
    };
  }
}
