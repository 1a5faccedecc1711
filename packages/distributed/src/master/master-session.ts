import { type CheckedPlacement, GraphError, type OpInfo, type PlacementDevice } from '@tenon/core';
import type {
  DeviceInfo,
  MakeCallableRequest,
  ReadVariableResponse,
  RunCallableRequest,
  TensorMessage,
  UpdateStateRequest,
} from '../protocol/gen/distributed_pb.js';
import { cutGraph, type MemberParts, type PlaceOptions, placedVariables } from './callable.js';
import { Homes } from './homes.js';
import type { LivingMember } from './member.js';
import { describedDevices, type FreshVariable, placeVariables } from './place-graph.js';
import { commitParts, runParts } from './step.js';

export interface MasterSessionOptions {
  readonly name: string;
  readonly members: readonly LivingMember[];
  readonly ops: Iterable<OpInfo>;
  readonly placement: CheckedPlacement;
  /** Milliseconds that a call to a worker may take. */
  readonly timeoutMs: number;
}

/** What one client has in the cluster: where its variables live, and its graphs cut over the workers. */
export class MasterSession {
  readonly devices: readonly DeviceInfo[];
  private readonly options: MasterSessionOptions;
  private readonly names: readonly string[];
  private readonly homes = new Homes();
  private readonly callables = new Map<number, MemberParts[]>();
  private described: Promise<PlacementDevice[]> | undefined;
  private graphs = 0;
  private steps = 0;
  private lastRun = 0;
  private last: Promise<unknown> = Promise.resolve();
  private running: { readonly run: number; readonly cancelling: AbortController } | undefined;
  /** Why the session can not go on: variables are lost, or neither as before a step nor as after it. */
  private broken: unknown;

  constructor(options: MasterSessionOptions) {
    this.options = options;
    this.devices = options.members.flatMap(({ devices }) => devices);
    this.names = this.devices.map(({ name }) => name);
  }

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN, PLACEMENT_CONFLICT, DEVICE_LIMIT, UNAVAILABLE, ABORTED. */
  async make(request: MakeCallableRequest): Promise<void> {
    const { members, name: session, timeoutMs } = this.options;
    const nextGraph = () => ++this.graphs;
    const cut = cutGraph(request, { ...(await this.placing()), members, nextGraph });
    this.callables.set(request.callable, cut);
    const ends = await Promise.allSettled(
      cut.flatMap(({ member: { connection, incarnation }, parts }) =>
        parts.map(({ graph, device, part, variables }) =>
          connection.calls.registerGraph(
            { session, incarnation, graph, device, part, variables: [...variables] },
            { timeoutMs },
          ),
        ),
      ),
    );
    const failed = ends.find(({ status }) => status === 'rejected');
    if (!failed) return;
    await this.release([request.callable]).catch(() => {});
    throw (failed as PromiseRejectedResult).reason;
  }

  /** Where the variables of a graph would go. Errors: FORMAT_INVALID, NAME_UNKNOWN, PLACEMENT_CONFLICT, UNAVAILABLE. */
  async place(request: MakeCallableRequest): Promise<string[]> {
    return placedVariables(request, await this.placing());
  }

  private async placing(): Promise<PlaceOptions> {
    const { members, ops, timeoutMs, placement } = this.options;
    const { names: devices, homes } = this;
    if (placement.automatic) this.described ??= describedDevices(members, timeoutMs);
    // A worker that did not answer is asked again by the next graph.
    const described = await this.described?.catch((error: unknown) => {
      this.described = undefined;
      throw error;
    });
    return { devices, homes, ops, placement, described: described ?? [] };
  }

  /** One run; all updates or none. Errors: RUN_ABORTED, DEADLINE_EXCEEDED, UNAVAILABLE, ABORTED, STATE_INVALID, and those of the ops. */
  run(request: RunCallableRequest, signal?: AbortSignal): Promise<TensorMessage[]> {
    // A client that has given up a run may ask for the next before the workers have ended it.
    const result = this.last.then(() => this.runNow(request, signal));
    this.last = result.catch(() => {});
    return result;
  }

  private async runNow(
    request: RunCallableRequest,
    signal?: AbortSignal,
  ): Promise<TensorMessage[]> {
    if (this.broken) throw this.broken;
    const parts = this.begin(request);
    const timeoutMs = request.timeoutMs || this.options.timeoutMs;
    const cancelling = new AbortController();
    this.running = { run: request.run, cancelling };
    const stop = signal ? AbortSignal.any([signal, cancelling.signal]) : cancelling.signal;
    const { name: session } = this.options;
    const step = { session, step: ++this.steps, request, timeoutMs, signal: stop };
    try {
      const outputs = await runParts(parts, step);
      if (parts.length > 1) await commitParts(parts, step);
      return outputs;
    } catch (error) {
      if (error instanceof GraphError && error.code === 'ABORTED') this.broken = error;
      throw error;
    } finally {
      this.running = undefined;
    }
  }

  /** Ends a run, if it has not succeeded everywhere yet: it fails with RUN_ABORTED then. */
  cancel(run: number): void {
    const what = 'the run was cancelled.';
    if (this.running?.run !== run) return;
    this.running.cancelling.abort(new GraphError('RUN_ABORTED', `run ${run}`, { what }));
  }

  private begin({ run, callable }: RunCallableRequest): readonly MemberParts[] {
    if (run <= this.lastRun) {
      throw new GraphError('RUN_ABORTED', `run ${run}`, {
        what: `it was asked for before; the last is ${this.lastRun}.`,
      });
    }
    const parts = this.callables.get(callable);
    if (!parts) {
      throw new GraphError('STATE_INVALID', `callable ${callable}`, {
        what: 'it was not made, or was released.',
      });
    }
    this.lastRun = run;
    return parts;
  }

  /** Takes graphs back from the workers. */
  async release(callables: readonly number[]): Promise<void> {
    const { name: session, timeoutMs } = this.options;
    const released = callables.flatMap((callable) => this.callables.get(callable) ?? []);
    for (const callable of callables) this.callables.delete(callable);
    await Promise.all(
      released.map(({ member, parts }) =>
        member.connection.calls.deregisterGraph(
          { session, graphs: parts.map(({ graph }) => graph) },
          { timeoutMs },
        ),
      ),
    );
  }

  /** Sets and frees variables where they live. Errors: PLACEMENT_CONFLICT, UNAVAILABLE, ABORTED. */
  async update({ writes, frees }: UpdateStateRequest): Promise<void> {
    const { name: session, members, timeoutMs } = this.options;
    const fresh = writes.flatMap(
      ({ variable: { variable, hint } = { variable: 0, hint: '' }, value }) =>
        this.homes.get(variable) ? [] : [{ variable, hint, bytes: value?.data.length ?? 0 }],
    );
    const { soft } = this.options.placement;
    placeVariables(fresh, this.names, { soft, homes: this.homes }).forEach((device, i) => {
      const { variable, bytes } = fresh[i] as FreshVariable;
      this.homes.set(variable, device, bytes);
    });
    const placed = writes.map((write) => ({
      ...write,
      device: this.homes.get(write.variable?.variable ?? 0) as string,
    }));
    const gone = frees.map((number) => [number, this.homes.get(number)] as const);
    for (const number of frees) this.homes.delete(number);
    await Promise.all(
      members.map(async ({ name, connection, incarnation }) => {
        const here = (device = '') => device.startsWith(`${name}/`);
        const own = placed.filter(({ device }) => here(device));
        const freed = gone.flatMap(([number, device]) => (here(device) ? [number] : []));
        if (own.length === 0 && freed.length === 0) return;
        const update = { session, incarnation, writes: own, frees: freed };
        await connection.calls.updateState(update, { timeoutMs });
      }),
    );
  }

  /** Errors: STATE_INVALID, UNAVAILABLE, ABORTED. */
  async read(variable: number): Promise<ReadVariableResponse> {
    const { name: session, members, timeoutMs } = this.options;
    const home = this.homes.get(variable) ?? '';
    const member = members.find(({ name }) => home.startsWith(`${name}/`));
    if (!member) {
      throw new GraphError('STATE_INVALID', `variable ${variable}`, {
        what: 'it has no value in this session yet.',
      });
    }
    const { incarnation, connection } = member;
    return connection.calls.readVariable({ session, incarnation, variable }, { timeoutMs });
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
}
