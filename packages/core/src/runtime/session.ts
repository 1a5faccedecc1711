import type { Device } from '../devices/device.js';
import type { HostTensor, TensorData } from '../graph/host-tensor.js';
import type { KnownShape } from '../graph/shape.js';
import type { Tensor } from '../graph/tensor.js';
import type { Variable } from '../graph/variable.js';
import { measureTasks } from '../placement/cost/measure-tasks.js';
import { Profile } from '../placement/cost/profile.js';
import type { VariableLayout } from '../sharding/layout.js';
import { planRun } from './compile.js';
import { type Explanation, explainPlan } from './explain/explain-plan.js';
import { type Feeds, readFeed, readFeeds } from './feeds.js';
import { type Fetched, type Fetches, flattenFetches, nestingOf } from './fetches.js';
import { neededVariables } from './needed-variables.js';
import type { Compiled } from './runs/compiled.js';
import { type Callable, prepare } from './runs/prepare.js';
import type { RunQueue } from './runs/run-queue.js';
import { Runs, type Target } from './runs/runs.js';
import { checkedOptions, type SessionOptions } from './session-options.js';
import { checkedVariables } from './state.js';

export interface RunOptions {
  /** Arrays are read when the run's turn comes: they must stay as they are until it has ended. */
  readonly feeds?: Feeds;
}

export interface ProfileOptions extends RunOptions {
  /** Where the times are noted; those that it has are not measured again. */
  readonly into?: Profile;
  /** For each group of nodes on each device. Default 5. */
  readonly milliseconds?: number;
}

/**
 * Keeps variables and runs graphs. A run prunes the graph to its fetches, computes them for the fed values, and commits all
 * updates together at its end; when it fails, no variable has changed and the session goes on.
 */
export class Session {
  readonly devices: readonly Device[];
  readonly seed: number;
  private readonly runner: Runs;
  private readonly queue: RunQueue;

  constructor(options: SessionOptions = {}) {
    const checked = checkedOptions(options);
    this.devices = checked.devices;
    this.seed = checked.seed;
    this.runner = new Runs(checked);
    this.queue = this.runner.queue;
  }

  /** Computes the fetches. Runs of one session follow each other. */
  run<const F extends Fetches>(fetches: F, options: RunOptions = {}): Promise<Fetched<F>> {
    return this.fetched(fetches, options) as Promise<Fetched<F>>;
  }

  /** Computes the fetches at once, where every part runs on one synchronous device. Errors: STATE_INVALID. */
  runSync<const F extends Fetches>(fetches: F, { feeds = [] }: RunOptions = {}): Fetched<F> {
    const tensors = flattenFetches(fetches);
    const values = readFeeds(feeds);
    const { runner } = this;
    return this.now('runSync', () => {
      const compiled = runner.compiledNow(targetOf(tensors, values));
      writeAll(compiled, values);
      return nestingOf(fetches)(runner.runNow(compiled)) as Fetched<F>;
    });
  }

  /** A function that runs these fetches with values for these tensors: the work of preparing is done once for each shape. */
  prepare<const F extends Fetches>(fetches: F, feeds: readonly Tensor[] = []): Callable<F> {
    this.queue.checkOpen();
    return prepare(this.runner, fetches, feeds);
  }

  /** Evaluates the initial values of variables now instead of at their first use; those that have a value keep it. */
  async initialize(variables: Iterable<Variable>): Promise<void> {
    this.queue.checkOpen();
    const wanted = checkedVariables(variables, 'initialize');
    await this.queue.inTurn(() => this.runner.initialize(wanted));
  }

  /** The value of a variable. */
  async read(variable: Variable): Promise<HostTensor> {
    this.queue.checkOpen();
    checkedVariables([variable], 'read');
    return this.queue.inTurn(async () => {
      await this.runner.initialize([variable]);
      return this.runner.state.read(variable);
    });
  }

  /** The values of variables, and the count of runs, all from between the same two runs. */
  async snapshot(
    variables: Iterable<Variable>,
  ): Promise<{ readonly values: readonly HostTensor[]; readonly runs: number }> {
    this.queue.checkOpen();
    const wanted = checkedVariables(variables, 'snapshot');
    return this.queue.inTurn(async () => {
      await this.runner.initialize(wanted);
      const values = await Promise.all(wanted.map((variable) => this.runner.state.read(variable)));
      return { values, runs: this.runner.step };
    });
  }

  /** Sets a variable from outside a graph. Errors: FEED_INVALID. */
  async write(variable: Variable, value: TensorData): Promise<void> {
    this.queue.checkOpen();
    checkedVariables([variable], 'write');
    const read = readFeed(variable, value);
    await this.queue.inTurn(() => this.runner.state.write(variable, read));
  }

  /** The same at once. Errors: FEED_INVALID, STATE_INVALID while a run of this session has not ended. */
  writeSync(variable: Variable, value: TensorData): void {
    checkedVariables([variable], 'writeSync');
    const read = readFeed(variable, value);
    this.now('writeSync', () => this.runner.state.write(variable, read));
  }

  /**
   * Says where the value of a variable will lie in this session, instead of where its hint says: on one device, or cut along an axis
   * into pieces on several. It is used, read, written and saved as before; what an optimizer keeps for it lies beside it.
   * Errors: STATE_INVALID where it has a value already, ATTRIBUTE_INVALID, PLACEMENT_CONFLICT.
   *
   * @example
   * const session = new Session({ devices: [js({ index: 0 }), js({ index: 1 })] });
   * const table = variable(randomNormal({ shape: [1000, 8] }));
   * session.place(table, { axis: 0, over: ['js:0', 'js:1'] });
   */
  place(variable: Variable, layout: VariableLayout): void {
    this.queue.checkOpen();
    checkedVariables([variable], 'place');
    this.runner.state.place(variable, layout);
  }

  /**
   * Begins anew when the runs that were asked for have ended: no variable has a value until it is written, or used and initial again;
   * what was prepared is compiled again. For where workers have lost what the session had there. Errors: UNAVAILABLE while they are
   * away.
   */
  async renew(): Promise<void> {
    this.queue.checkOpen();
    await this.queue.inTurn(() => this.runner.renew());
  }

  /** How a run would go, stage by stage, without running it. */
  explain(fetches: Fetches, options: RunOptions = {}): Explanation {
    const { tensors, request } = this.request(fetches, options);
    return explainPlan(tensors, planRun(request));
  }

  /**
   * Measures how long the groups of nodes of a run take on each of the devices, each compiled and run alone over zeros: what groups
   * gain from being compiled together is not in it. Variables do not change. Errors: STATE_INVALID while a run has not ended.
   *
   * @example
   * const profile = session.profile(loss, { feeds: [[x, data]] });
   * const placed = new Session({ devices, placement: { automatic: true, profile } });
   */
  profile(
    fetches: Fetches,
    { into = new Profile(), milliseconds = 5, ...options }: ProfileOptions = {},
  ): Profile {
    const { request } = this.request(fetches, options);
    const placement = { ...request.placement, automatic: true, profile: into };
    this.now('profile', () => {
      const { automatic } = planRun({ ...request, placement });
      if (automatic) measureTasks(automatic, this.devices, { profile: into, milliseconds });
    });
    return into;
  }

  private request(fetches: Fetches, { feeds = [] }: RunOptions) {
    this.queue.checkOpen();
    const tensors = flattenFetches(fetches);
    const values = readFeeds(feeds);
    neededVariables(tensors, values);
    return { tensors, request: this.runner.request(targetOf(tensors, values)) };
  }

  /** Runs so far; part of the seed of every random number. Set it to resume where another session stopped. */
  get runs(): number {
    return this.runner.step;
  }

  set runs(value: number) {
    this.runner.step = value;
  }

  /** Whether every run that was asked for has ended. */
  get idle(): boolean {
    return this.queue.idle;
  }

  /**
   * What compiling has taken so far, in seconds: passes, lowering and the devices' compilers, initial values included.
   *
   * @example
   * const session = new Session();
   * session.runSync(add(1, 2));
   * session.compileSeconds; // 0.002
   */
  get compileSeconds(): number {
    return this.runner.programs.seconds;
  }

  /**
   * Frees all memory, at once or when the run that uses it has ended. Later calls fail with SESSION_CLOSED. Devices stay open for
   * other sessions.
   */
  close(): void {
    this.queue.close();
  }

  private async fetched(fetches: Fetches, { feeds = [] }: RunOptions): Promise<unknown> {
    const tensors = flattenFetches(fetches);
    const values = readFeeds(feeds);
    const { runner } = this;
    const results = await this.queue.inTurn(async () => {
      const compiled = await runner.compiled(targetOf(tensors, values));
      writeAll(compiled, values);
      return runner.run(compiled);
    });
    return nestingOf(fetches)(results);
  }

  private now<T>(where: string, task: () => T): T {
    this.queue.enter(where);
    try {
      return task();
    } finally {
      this.queue.leave();
    }
  }
}

function targetOf(fetches: readonly Tensor[], values: ReadonlyMap<Tensor, HostTensor>): Target {
  const feeds = new Map<Tensor, KnownShape>();
  for (const [tensor, { shape }] of values) feeds.set(tensor, shape);
  return { fetches, feeds };
}

function writeAll(compiled: Compiled, values: ReadonlyMap<Tensor, HostTensor>): void {
  let place = 0;
  for (const value of values.values()) compiled.write(place++, value);
}
