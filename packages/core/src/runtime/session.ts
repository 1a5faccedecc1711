import type { Device } from '../devices/device.js';
import { GraphError } from '../errors.js';
import type { HostTensor, TensorData } from '../graph/host-tensor.js';
import type { Tensor } from '../graph/tensor.js';
import type { Variable } from '../graph/variable.js';
import type { PassSelection } from '../passes/index.js';
import { type Compiled, compileRun, freeCompiled, planRun } from './compile.js';
import { execute, executeSync, type Turn } from './execute.js';
import { type Explanation, explainPlan } from './explain.js';
import { checkFedList, type Feeds, readFeed, readFeeds } from './feeds.js';
import { type Fetched, type Fetches, flattenFetches, nestFetched } from './fetches.js';
import { neededVariables } from './needed-variables.js';
import { Programs } from './programs.js';
import { checkedOptions, type SessionOptions } from './session-options.js';
import { checkedVariables, State } from './state.js';

export interface RunOptions {
  /** Arrays are read when the run's turn comes: they must stay as they are until it has ended. */
  readonly feeds?: Feeds;
}

/** A prepared run: values of the placeholders in, values of the fetches out. */
export interface Callable<F extends Fetches> {
  (...values: readonly TensorData[]): Promise<Fetched<F>>;
  /** The same without a promise; all parts must run on one synchronous device. */
  readonly sync: (...values: readonly TensorData[]) => Fetched<F>;
}

/**
 * Keeps variables and runs graphs. A run prunes the graph to its fetches, computes them for the fed values, and commits all
 * updates together at its end; when it fails, no variable has changed and the session goes on.
 */
export class Session {
  readonly devices: readonly Device[];
  readonly seed: number;
  private readonly state: State;
  private readonly optimise: PassSelection;
  private readonly programs: Programs;
  private step = 0;
  /** Runs that were asked for and have not ended. */
  private pending = 0;
  private closed = false;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions = {}) {
    const { devices, seed, optimise, programs } = checkedOptions(options);
    this.devices = devices;
    this.seed = seed;
    this.optimise = optimise;
    this.state = new State(devices);
    this.programs = new Programs(programs);
  }

  /** Computes the fetches. Runs of one session follow each other. */
  run<const F extends Fetches>(fetches: F, { feeds = [] }: RunOptions = {}): Promise<Fetched<F>> {
    return this.runNested(fetches, () => readFeeds(feeds)) as Promise<Fetched<F>>;
  }

  /** Computes the fetches at once, where every part runs on one synchronous device. Errors: STATE_INVALID. */
  runSync<const F extends Fetches>(fetches: F, { feeds = [] }: RunOptions = {}): Fetched<F> {
    const tensors = flattenFetches(fetches);
    return nestFetched(
      fetches,
      this.runTensorsSync(tensors, readFeeds(feeds)).values(),
    ) as Fetched<F>;
  }

  /** A function that runs these fetches with values for these tensors: the work of preparing is done once for each shape. */
  prepare<const F extends Fetches>(fetches: F, feeds: readonly Tensor[] = []): Callable<F> {
    this.checkOpen();
    const tensors = flattenFetches(fetches);
    checkFedList(feeds);
    const read = (values: readonly TensorData[]) => {
      if (values.length !== feeds.length) {
        throw new GraphError('FEED_MISSING', 'prepare', {
          what: `the run takes ${feeds.length} values, ${values.length} were given.`,
        });
      }
      return new Map(feeds.map((tensor, i) => [tensor, readFeed(tensor, values[i] as TensorData)]));
    };
    const call = (...values: readonly TensorData[]) =>
      this.runNested(fetches, () => read(values)) as Promise<Fetched<F>>;
    const sync = (...values: readonly TensorData[]) =>
      nestFetched(fetches, this.runTensorsSync(tensors, read(values)).values()) as Fetched<F>;
    return Object.assign(call, { sync });
  }

  /** Evaluates the initial values of variables now instead of at their first use; those that have a value keep it. */
  async initialize(variables: Iterable<Variable>): Promise<void> {
    this.checkOpen();
    const wanted = checkedVariables(variables, 'initialize');
    await this.inTurn(() => this.initializeMissing(wanted));
  }

  /** The value of a variable. */
  async read(variable: Variable): Promise<HostTensor> {
    this.checkOpen();
    checkedVariables([variable], 'read');
    return this.inTurn(async () => {
      await this.initializeMissing([variable]);
      return this.state.read(variable);
    });
  }

  /** Sets a variable from outside a graph. Errors: FEED_INVALID. */
  async write(variable: Variable, value: TensorData): Promise<void> {
    this.checkOpen();
    checkedVariables([variable], 'write');
    const read = readFeed(variable, value);
    await this.inTurn(async () => this.state.write(variable, read));
  }

  /** How a run would go, stage by stage, without running it. */
  explain(fetches: Fetches, { feeds = [] }: RunOptions = {}): Explanation {
    this.checkOpen();
    const tensors = flattenFetches(fetches);
    const values = readFeeds(feeds);
    neededVariables(tensors, values);
    return explainPlan(tensors, planRun(this.request(tensors, values)));
  }

  /** Runs so far; part of the seed of every random number. Set it to resume where another session stopped. */
  get runs(): number {
    return this.step;
  }

  set runs(value: number) {
    this.step = value;
  }

  /** Frees all memory. Later calls fail with SESSION_CLOSED. Devices stay open for other sessions. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.programs.clear();
    this.state.free();
  }

  private async runNested(fetches: Fetches, read: () => Map<Tensor, HostTensor>): Promise<unknown> {
    const tensors = flattenFetches(fetches);
    const values = read();
    const results = await this.inTurn(() => this.runTensors(tensors, values));
    return nestFetched(fetches, results.values());
  }

  private async runTensors(
    tensors: readonly Tensor[],
    values: ReadonlyMap<Tensor, HostTensor>,
  ): Promise<HostTensor[]> {
    this.checkOpen();
    const key = this.programs.keyOf(tensors, values);
    if (!this.programs.has(key)) await this.initializeMissing(neededVariables(tensors, values));
    const compiled = this.programs.compiled(key, () => this.request(tensors, values));
    const results = await execute(compiled, [...values.values()], this.turn());
    this.step++;
    return results;
  }

  private runTensorsSync(
    tensors: readonly Tensor[],
    values: ReadonlyMap<Tensor, HostTensor>,
  ): HostTensor[] {
    this.checkOpen();
    if (this.pending > 0) {
      throw new GraphError('STATE_INVALID', 'runSync', {
        what: 'another run of this session has not ended.',
        fix: 'await it before.',
      });
    }
    // A host function of this run may try to start another, in the same memory.
    this.pending++;
    try {
      const key = this.programs.keyOf(tensors, values);
      if (!this.programs.has(key)) this.initializeNow(neededVariables(tensors, values));
      const compiled = this.programs.compiled(key, () => this.request(tensors, values));
      const results = executeSync(compiled, [...values.values()], this.turn());
      this.step++;
      return results;
    } finally {
      this.pending--;
    }
  }

  private turn(step = this.step): Turn {
    const seed = [this.seed >>> 0, Math.floor(this.seed / 2 ** 32) >>> 0] as const;
    return { seed, step, beforeCommit: () => this.checkOpen() };
  }

  private request(tensors: readonly Tensor[], values: ReadonlyMap<Tensor, HostTensor>) {
    const { devices, state, optimise } = this;
    const feeds = new Map([...values].map(([tensor, { shape }]) => [tensor, shape]));
    return { fetches: tensors, feeds, devices, state, optimise };
  }

  /** The variables without a value yet, those whose initial values others need first; each group can be computed at once. */
  private uninitialized(variables: readonly Variable[]): Variable[][] {
    const missing = [...new Set(variables)].filter((variable) => !this.state.has(variable));
    if (missing.length === 0) return [];
    const initial = missing.map((variable) => variable.initial);
    return [...this.uninitialized(neededVariables(initial, new Map())), missing];
  }

  private async initializeMissing(variables: readonly Variable[]): Promise<void> {
    for (const group of this.uninitialized(variables)) {
      const compiled = this.compileInitial(group);
      const values = await execute(compiled, [], this.turn(0));
      this.keepInitial(group, values, compiled);
    }
  }

  private initializeNow(variables: readonly Variable[]): void {
    for (const group of this.uninitialized(variables)) {
      const compiled = this.compileInitial(group);
      this.keepInitial(group, executeSync(compiled, [], this.turn(0)), compiled);
    }
  }

  private compileInitial(group: readonly Variable[]): Compiled {
    return compileRun(
      this.request(
        group.map((variable) => variable.initial),
        new Map(),
      ),
    );
  }

  private keepInitial(
    group: readonly Variable[],
    values: readonly HostTensor[],
    compiled: Compiled,
  ): void {
    // One variable may wait for two others, and so be named in two groups.
    group.forEach((variable, i) => {
      if (!this.state.has(variable)) this.state.write(variable, values[i] as HostTensor);
    });
    freeCompiled(compiled);
  }

  private async inTurn<T>(task: () => Promise<T>): Promise<T> {
    this.checkOpen();
    this.pending++;
    const result = this.queue.then(task).finally(() => {
      this.pending--;
    });
    this.queue = result.catch(() => {});
    return result;
  }

  private checkOpen(): void {
    if (this.closed) {
      throw new GraphError('SESSION_CLOSED', 'Session', {
        what: 'the session is closed.',
        fix: 'make a new one: new Session().',
      });
    }
  }
}
