import type { Device } from '../../devices/device.js';
import type { HostTensor } from '../../graph/host-tensor.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import type { Variable } from '../../graph/variable.js';
import { variablesOf } from '../../lower/lower.js';
import type { PassSelection } from '../../passes/index.js';
import { type CompileRequest, type Planned, planRun } from '../compile.js';
import { initialGroups } from '../initial-values.js';
import { neededVariables } from '../needed-variables.js';
import { Rendezvous } from '../rendezvous.js';
import type { CheckedOptions } from '../session-options.js';
import { State } from '../state.js';
import type { Compiled, Reader } from './compiled.js';
import { execute, executeNow } from './execute.js';
import { Programs } from './programs.js';
import { RunQueue } from './run-queue.js';

/** What is computed, and the shapes of what is fed. */
export interface Target {
  readonly fetches: readonly Tensor[];
  readonly feeds: ReadonlyMap<Tensor, KnownShape>;
}

const noFeeds: ReadonlyMap<Tensor, KnownShape> = new Map();

/**
 * Makes the runs of a session: variables get their initial values, programs are compiled when they are first needed, and
 * updates count only when the whole run has succeeded.
 */
export class Runs {
  readonly programs: Programs;
  readonly state: State;
  readonly queue: RunQueue;
  /** Runs so far. */
  step = 0;
  private readonly devices: readonly Device[];
  private readonly optimise: PassSelection;
  private readonly placement: CheckedOptions['placement'];
  private readonly seed: readonly [number, number];
  /** Of synchronous runs, whose parts never meet: one at a time, so that it is made once. */
  private readonly context: {
    seed: readonly [number, number];
    step: number;
    rendezvous: Rendezvous;
  };

  constructor({ devices, seed, optimise, programs, placement }: CheckedOptions) {
    this.devices = devices;
    this.optimise = optimise;
    this.placement = placement;
    this.seed = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
    this.context = { seed: this.seed, step: 0, rendezvous: new Rendezvous() };
    this.state = new State(devices, placement);
    this.programs = new Programs(programs);
    this.queue = new RunQueue(() => {
      this.programs.clear();
      this.state.free();
    });
  }

  /** Forgets programs and values of variables, on devices that begin anew. */
  async renew(): Promise<void> {
    this.programs.clear();
    this.state.free();
    for (const device of this.devices) await device.renew?.();
  }

  /** The program of a run. */
  async compiled(target: Target): Promise<Compiled> {
    const key = this.programs.keyOf(target.fetches, target.feeds);
    if (!this.programs.has(key)) {
      await this.settleThere(target);
      this.settle(target);
      await this.initialize(needs(target));
    }
    return this.programs.compiled(key, () => this.request(target));
  }

  /** The same at once. Errors: STATE_INVALID where an initial value is not computed at once. */
  compiledNow(target: Target): Compiled {
    const key = this.programs.keyOf(target.fetches, target.feeds);
    if (!this.programs.has(key)) {
      this.settle(target);
      this.initializeNow(needs(target));
    }
    return this.programs.compiled(key, () => this.request(target));
  }

  /** One run with the inputs that were written; results as they are before the updates. */
  async run(compiled: Compiled): Promise<HostTensor[]> {
    const results = await this.computed(compiled, this.step);
    this.commit(compiled);
    return results;
  }

  /** The same at once. Errors: STATE_INVALID. */
  runNow(compiled: Compiled): HostTensor[] {
    const results = this.computedNow(compiled, this.step);
    this.commit(compiled);
    return results;
  }

  /** The same for results that are read later; those that would not last are given back now. */
  runFor(reader: Reader, compiled: Compiled): HostTensor[] | undefined {
    compiled.give(reader);
    this.computeNow(compiled, this.step);
    const results = compiled.keepsResults ? undefined : compiled.readNow();
    this.commit(compiled);
    return results;
  }

  /** Gives variables without a value their initial one. */
  async initialize(variables: readonly Variable[]): Promise<void> {
    for (const group of this.uninitialized(variables)) {
      const compiled = this.beginInitial(group);
      try {
        if (compiled.waitsBecause !== undefined) await this.computed(compiled, 0);
        else this.computedNow(compiled, 0);
        this.endInitial(compiled);
      } catch (error) {
        this.state.forget(group);
        throw error;
      } finally {
        compiled.free();
      }
    }
  }

  private initializeNow(variables: readonly Variable[]): void {
    for (const group of this.uninitialized(variables)) {
      const compiled = this.beginInitial(group);
      try {
        this.computedNow(compiled, 0);
        this.endInitial(compiled);
      } catch (error) {
        this.state.forget(group);
        throw error;
      } finally {
        compiled.free();
      }
    }
  }

  /** Chooses homes for new variables by the first run that uses them, before their initial values are computed there. */
  private settle(target: Target): void {
    if (this.devices.length === 1) return;
    const fresh = this.openOf(target);
    if (fresh.length === 0) return;
    const { placement } = planRun(this.request(target));
    for (const variable of fresh) {
      const device = placement.get(variable.node);
      if (device !== undefined) this.state.settle(variable, device);
    }
  }

  /** The same where the only device places: it is asked. */
  private async settleThere(target: Target): Promise<void> {
    const [device] = this.devices as [Device];
    if (!device.placeVariables || this.openOf(target).length === 0) return;
    const [{ part }] = planRun(this.request(target)).parts as unknown as [Planned];
    const variables = variablesOf(part);
    const buffers = variables.map((variable) =>
      this.state.isOpen(variable) ? undefined : this.state.buffer(variable),
    );
    const names = await device.placeVariables(part, buffers);
    variables.forEach((variable, i) => {
      if (!buffers[i]) this.state.settle(variable, names[i] as string);
    });
  }

  /** The variables of a run of which a graph may still choose the device. */
  private openOf(target: Target): Variable[] {
    return this.state.stored(needs(target)).filter((variable) => this.state.isOpen(variable));
  }

  private uninitialized(variables: readonly Variable[]): Variable[][] {
    return initialGroups(variables, this.state);
  }

  /** The program that sets variables to their initial values where they lie. */
  private beginInitial(group: readonly Variable[]): Compiled {
    try {
      this.state.allocate(group);
      const sets = group.map((variable) => ({ variable, value: variable.initial }));
      return this.programs.compile({ ...this.request({ fetches: [], feeds: noFeeds }), sets });
    } catch (error) {
      this.state.forget(group);
      throw error;
    }
  }

  // A host function may have closed the session.
  private endInitial(compiled: Compiled): void {
    this.queue.checkOpen();
    compiled.commit();
  }

  /** What the compiler is asked for. */
  request({ fetches, feeds }: Target): CompileRequest & Pick<CheckedOptions, 'placement'> {
    const { devices, state, optimise, placement } = this;
    return { fetches, feeds, devices, state, optimise, placement };
  }

  private async computed(compiled: Compiled, step: number): Promise<HostTensor[]> {
    if (compiled.waitsBecause === undefined) return this.computedNow(compiled, step);
    compiled.give(undefined);
    await execute(compiled, { seed: this.seed, step, rendezvous: new Rendezvous() });
    return Promise.all(compiled.read());
  }

  private computedNow(compiled: Compiled, step: number): HostTensor[] {
    compiled.give(undefined);
    this.computeNow(compiled, step);
    return compiled.readNow();
  }

  private computeNow(compiled: Compiled, step: number): void {
    this.context.step = step;
    executeNow(compiled, this.context);
  }

  // A host function may have closed the session.
  private commit(compiled: Compiled): void {
    this.queue.checkOpen();
    compiled.commit();
    this.step++;
  }
}

const needs = ({ fetches, feeds }: Target): Variable[] => neededVariables(fetches, feeds);
