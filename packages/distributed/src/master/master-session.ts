import { type CheckedPlacement, GraphError, type OpInfo, type PlacementDevice } from '@tenon/core';
import { ClusterError } from '../protocol/cluster-error.js';
import type {
  DeviceInfo,
  MakeCallableRequest,
  ReadVariableResponse,
  RunCallableRequest,
  TensorMessage,
  UpdateStateRequest,
} from '../protocol/gen/distributed_pb.js';
import {
  cutGraph,
  deregisterParts,
  type MemberParts,
  type PlaceOptions,
  placedVariables,
  registeredParts,
  registerParts,
} from './callable.js';
import { Homes } from './homes.js';
import type { LivingMember, Member } from './members/member.js';
import { describedDevices } from './place-graph.js';
import { callablesOf, recordOf, type SessionRecord } from './session-record.js';
import { SessionVariables } from './session-variables.js';
import { settleStep, stepOf } from './settle-step.js';
import {
  brokenOff,
  commitParts,
  outputsOf,
  runParts,
  type StepRequest,
  unconfirmed,
  updates,
} from './step.js';

export interface MasterSessionOptions {
  readonly name: string;
  readonly members: readonly LivingMember[];
  readonly ops: Iterable<OpInfo>;
  readonly placement: CheckedPlacement;
  /** Milliseconds that a call to a worker may take. */
  readonly timeoutMs: number;
  /** Milliseconds for which a connection may be broken. */
  readonly reconnectMs: number;
  /** Why a worker is lost, where it is. */
  readonly lossOf: (member: LivingMember) => Error | undefined;
  /** Keeps the record of the session. */
  readonly save: (record: () => SessionRecord) => Promise<void>;
}

interface Running {
  readonly run: number;
  readonly members: readonly LivingMember[];
  readonly cancelling: AbortController;
}

/** What one client has in the cluster: where its variables live, and its graphs cut over the workers. */
export class MasterSession {
  readonly devices: readonly DeviceInfo[];
  private readonly options: MasterSessionOptions;
  private readonly variables: SessionVariables;
  private readonly callables: Map<number, MemberParts[]>;
  private described: Promise<PlacementDevice[]> | undefined;
  private graphs: number;
  /** How often the record has changed, and which of the changes are kept. */
  private readonly changes = { made: 0, kept: 0 };
  private lastRun = 0;
  /** The answer to the last run: who has lost it on the way asks again. */
  private answer: { readonly run: number; readonly outputs: Promise<TensorMessage[]> } | undefined;
  /** The last run, where another life of the master has seen it begin and its workers have committed it. */
  private adopted: number | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private running: Running | undefined;
  /** Why the session can not go on: variables are lost, or neither as before a step nor as after it. */
  private broken: unknown;

  constructor(options: MasterSessionOptions, record?: SessionRecord) {
    const { members, name: session, timeoutMs, placement } = options;
    this.options = options;
    this.devices = members.flatMap(({ devices }) => devices);
    const devices = this.devices.map(({ name }) => name);
    const homes = new Homes(record?.homes);
    const { soft } = placement;
    this.variables = new SessionVariables({ session, members, devices, homes, soft, timeoutMs });
    this.callables = new Map(record ? callablesOf(record, members) : []);
    this.graphs = record?.graphs ?? 0;
  }

  /** Keeps the record of the session. Errors: WRITE_FAILED. */
  async keep(): Promise<void> {
    const { changes } = this;
    const change = ++changes.made;
    await this.options.save(this.record);
    changes.kept = Math.max(changes.kept, change);
  }

  /** Finds out where another life of the master has left the runs. Errors: UNAVAILABLE, ABORTED where a worker has lost the session. */
  async adopt(): Promise<void> {
    const { members, name: session } = this.options;
    const wait = { timeoutMs: this.options.reconnectMs, wait: true };
    try {
      const steps = await Promise.all(members.map((member) => stepOf(member, session, wait)));
      this.lastRun = Math.max(...steps.map(({ last }) => last));
      const step = this.lastRun;
      if (await settleStep(members, { session, step, ...wait })) this.adopted = step;
    } catch (error) {
      this.broken = error;
      throw error;
    }
  }

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN, PLACEMENT_CONFLICT, DEVICE_LIMIT, UNAVAILABLE, ABORTED, WRITE_FAILED. */
  async make(request: MakeCallableRequest): Promise<void> {
    const { members, name: session, timeoutMs } = this.options;
    const placing = await this.placing();
    if (this.callables.has(request.callable)) await this.release([request.callable]);
    const cut = cutGraph(request, { ...placing, members, nextGraph: () => ++this.graphs });
    for (const { member } of cut) this.check(member);
    this.callables.set(request.callable, registeredParts(cut));
    try {
      await registerParts(cut, { session, timeoutMs });
      await this.keep();
    } catch (error) {
      await this.release([request.callable]).catch(() => {});
      throw error;
    }
  }

  /** Where the variables of a graph would go. Errors: FORMAT_INVALID, NAME_UNKNOWN, PLACEMENT_CONFLICT, UNAVAILABLE. */
  async place(request: MakeCallableRequest): Promise<string[]> {
    return placedVariables(request, await this.placing());
  }

  private async placing(): Promise<PlaceOptions> {
    const { members, ops, timeoutMs, placement } = this.options;
    const { homes } = this.variables;
    if (placement.automatic) this.described ??= describedDevices(members, timeoutMs);
    // A worker that did not answer is asked again by the next graph.
    const described = await this.described?.catch((error: unknown) => {
      this.described = undefined;
      throw error;
    });
    const devices = this.devices.map(({ name }) => name);
    return { devices, homes, ops, placement, described: described ?? [] };
  }

  /**
   * One run; all updates or none. The last one may be asked for again, and is answered alike. Errors: RUN_ABORTED, DEADLINE_EXCEEDED,
   * UNAVAILABLE, ABORTED, STATE_INVALID, and those of the ops.
   */
  run(request: RunCallableRequest, signal?: AbortSignal): Promise<TensorMessage[]> {
    const { run } = request;
    if (this.answer?.run === run) return this.answer.outputs;
    // A client that has given up a run may ask for the next before the workers have ended it.
    const outputs = this.last.then(() => this.runNow(request, signal));
    this.answer = { run, outputs };
    this.last = outputs.catch(() => {});
    return outputs;
  }

  private async runNow(
    request: RunCallableRequest,
    signal?: AbortSignal,
  ): Promise<TensorMessage[]> {
    if (this.broken) throw this.broken;
    const { run } = request;
    const parts = this.partsOf(request.callable);
    const { name: session } = this.options;
    const timeoutMs = request.timeoutMs || this.options.timeoutMs;
    if (run === this.adopted) return outputsOf(parts, { session, step: run, timeoutMs });
    this.begin(run, parts);
    const cancelling = new AbortController();
    this.running = { run, members: parts.map(({ member }) => member), cancelling };
    const stop = signal ? AbortSignal.any([signal, cancelling.signal]) : cancelling.signal;
    const step = { session, step: run, request, timeoutMs, signal: stop };
    try {
      const outputs = await this.computed(parts, step);
      if (parts.length > 1)
        await commitParts(parts, { ...step, reconnectMs: this.options.reconnectMs });
      return outputs;
    } catch (error) {
      if (error instanceof GraphError && error.code === 'ABORTED') this.broken = error;
      throw error;
    } finally {
      this.running = undefined;
    }
  }

  /** Runs the parts; where a connection broke, what has become of them is asked. */
  private async computed(
    parts: readonly MemberParts[],
    step: StepRequest,
  ): Promise<TensorMessage[]> {
    try {
      return await runParts(parts, step);
    } catch (error) {
      if (!(error instanceof ClusterError) || error.code !== 'UNAVAILABLE') throw error;
      const [own] = parts;
      const members = parts.map(({ member }) => member);
      const settled = { ...step, timeoutMs: this.options.reconnectMs, wait: true };
      const committed = await settleStep(members, settled).catch((lost: unknown) => {
        // Alone, a worker commits by itself: nobody knows whether it has.
        const doubt = parts.length === 1 && own !== undefined && updates(own);
        throw doubt ? unconfirmed(own.member.name, step.step, error) : lost;
      });
      if (committed) return outputsOf(parts, settled);
      throw brokenOff(step.step, error);
    }
  }

  /** Ends a run, if it has not succeeded everywhere yet: it fails with RUN_ABORTED then. */
  cancel(run: number): void {
    if (this.running?.run !== run) return;
    const what = 'the run was cancelled.';
    this.running.cancelling.abort(new GraphError('RUN_ABORTED', `run ${run}`, { what }));
  }

  /** Whether it was made with a worker. */
  holds({ connection }: Member): boolean {
    return this.options.members.some((member) => member.connection === connection);
  }

  /** Whether a worker takes part in the run that is going on. */
  uses(worker: string): boolean {
    return this.running?.members.some(({ name }) => name === worker) ?? false;
  }

  /** Ends the run that is going on if one of its workers is lost. */
  endIfLost(): void {
    const { lossOf } = this.options;
    const loss = this.running?.members.map(lossOf).find((found) => found !== undefined);
    if (loss) this.running?.cancelling.abort(loss);
  }

  private begin(run: number, parts: readonly MemberParts[]): void {
    if (run <= this.lastRun) {
      throw new GraphError('RUN_ABORTED', `run ${run}`, {
        what: `it was asked for before, and was ended; the last is ${this.lastRun}.`,
      });
    }
    for (const { member } of parts) this.check(member);
    this.lastRun = run;
  }

  private partsOf(callable: number): readonly MemberParts[] {
    const parts = this.callables.get(callable);
    if (parts) return parts;
    throw new GraphError('STATE_INVALID', `callable ${callable}`, {
      what: 'it was not made, or was released.',
    });
  }

  /** Errors: UNAVAILABLE or ABORTED at once for what would be asked in vain. */
  private readonly check = (member: LivingMember): void => {
    const loss = this.options.lossOf(member);
    if (loss) throw loss;
  };

  /** Takes graphs back from the workers. Errors: WRITE_FAILED, UNAVAILABLE, ABORTED. */
  async release(callables: readonly number[]): Promise<void> {
    const { name: session, timeoutMs } = this.options;
    const released = callables.flatMap((callable) => this.callables.get(callable) ?? []);
    for (const callable of callables) this.callables.delete(callable);
    const keeping = this.keep();
    await Promise.allSettled([keeping]);
    await deregisterParts(released, { session, timeoutMs });
    await keeping;
  }

  /** Sets and frees variables where they live. Errors: PLACEMENT_CONFLICT, UNAVAILABLE, ABORTED, WRITE_FAILED. */
  async update(request: UpdateStateRequest): Promise<void> {
    const { changes, variables } = this;
    const known = variables.homes.size;
    await variables.update(request, this.check);
    // What was told before may not have been kept: who told it tells it again.
    const unkept = changes.kept < changes.made || variables.homes.size !== known;
    if (unkept || request.frees.length > 0) await this.keep();
  }

  /** Errors: STATE_INVALID, UNAVAILABLE, ABORTED. */
  read(variable: number): Promise<ReadVariableResponse> {
    return this.variables.read(variable, this.check);
  }

  /** Frees what the workers hold; those that can not be reached free it when its time is over. */
  async close(): Promise<void> {
    const { name: session, members } = this.options;
    await Promise.allSettled(
      members.map(({ connection }) =>
        connection.calls.deleteWorkerSession({ session }, { timeoutMs: 5000 }),
      ),
    );
  }

  private readonly record = (): SessionRecord => {
    const { graphs, callables } = this;
    const { name, members, placement } = this.options;
    return recordOf({ name, members, placement, graphs, callables, homes: this.variables.homes });
  };
}
