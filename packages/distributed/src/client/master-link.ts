import { setTimeout as wait } from 'node:timers/promises';
import type { GraphError, HostTensor, RunContext } from '@tenon/core';
import type { CallOptions, Connection } from '../protocol/call.js';
import type {
  CreateSessionResponse,
  DeviceInfo,
  MasterService,
  Span,
  TensorMessage,
} from '../protocol/gen/distributed_pb.js';
import { tensorOf } from '../protocol/tensor-message.js';
import { isUnreachable } from '../protocol/unreachable.js';
import { type ClusterVariable, PendingState } from './pending-state.js';

export interface MasterLinkOptions {
  readonly connection: Connection<typeof MasterService>;
  /** Milliseconds that a run may take. */
  readonly timeoutMs: number;
  /** Options of placement as JSON. */
  readonly placement?: string;
}

type Feed = Omit<TensorMessage, '$typeName'>;

interface Running {
  readonly session: string;
  readonly run: number;
  cancelled: boolean;
}

// The master's own deadline comes first: its error says what was waited for.
const answerMs = 10_000;
const closeMs = 5000;
const longestPauseMs = 500;

/**
 * A session of a master as its client sees it. What is written or freed is told with the next call; the session is made with the
 * first. While the master can not be reached, calls wait for it until their time is over: those that it has heard already do nothing
 * when it hears them again. Errors of all calls: UNAVAILABLE, ABORTED, RUN_ABORTED, DEADLINE_EXCEEDED, and those of the cluster.
 */
export class MasterLink {
  private readonly options: MasterLinkOptions;
  private opened: Promise<CreateSessionResponse> | undefined;
  private keeping: NodeJS.Timeout | undefined;
  private pending = new PendingState();
  private releases: number[] = [];
  private numbers = 0;
  private runs = 0;
  private running: Running | undefined;
  private closed = false;

  constructor(options: MasterLinkOptions) {
    this.options = options;
  }

  /** A number that is unique in the session. */
  nextNumber(): number {
    return ++this.numbers;
  }

  async devices(): Promise<readonly DeviceInfo[]> {
    return (await this.open()).devices;
  }

  async spans(since: number): Promise<readonly Span[]> {
    const { session } = await this.open();
    const { calls } = this.options.connection;
    return (await this.reached((limits) => calls.tracing({ session, since }, limits))).spans;
  }

  write(variable: ClusterVariable, value: HostTensor): void {
    this.pending.write(variable, value);
  }

  free(variable: number): void {
    this.pending.free(variable);
  }

  release(callable: number): void {
    this.releases.push(callable);
  }

  async read(variable: number): Promise<HostTensor> {
    const session = await this.settled();
    const { calls } = this.options.connection;
    const { value } = await this.reached((limits) =>
      calls.readVariable({ session, variable }, limits),
    );
    return tensorOf(value, `variable ${variable}`);
  }

  async make(
    callable: number,
    part: Uint8Array<ArrayBuffer>,
    variables: readonly ClusterVariable[],
  ): Promise<void> {
    const session = await this.settled();
    const { calls } = this.options.connection;
    const request = { session, callable, part, variables: [...variables] };
    await this.reached((limits) => calls.makeCallable(request, limits));
  }

  /** Where the variables of a graph would go; those that are not made yet have new numbers. */
  async place(
    part: Uint8Array<ArrayBuffer>,
    variables: readonly ClusterVariable[],
  ): Promise<readonly string[]> {
    const session = await this.settled();
    const { calls } = this.options.connection;
    const request = { session, callable: 0, part, variables: [...variables] };
    return (await this.reached((limits) => calls.placeGraph(request, limits))).devices;
  }

  /** One run. One that a broken connection has ended without any change is made again. */
  async run(
    callable: number,
    feeds: readonly Feed[],
    { seed: [low, high], step }: RunContext,
  ): Promise<readonly TensorMessage[]> {
    const session = await this.settled();
    const { timeoutMs, connection } = this.options;
    const end = performance.now() + timeoutMs;
    for (let pause = 1; ; pause = Math.min(longestPauseMs, 2 * pause)) {
      const running = { session, run: ++this.runs, cancelled: false };
      this.running = running;
      const request = { session, callable, run: running.run, feeds: [...feeds], timeoutMs };
      try {
        const { outputs } = await this.reached((limits) =>
          connection.calls.runCallable({ ...request, seed: { low, high, step } }, limits),
        );
        return outputs;
      } catch (error) {
        // A run that nobody has asked to end was ended by a connection that broke, its own or another.
        const broken = (error as Partial<GraphError>).code === 'RUN_ABORTED' && !running.cancelled;
        if (!broken || this.closed || performance.now() + pause > end) throw error;
      } finally {
        this.running = undefined;
      }
      await wait(pause);
    }
  }

  /** Ends the run that is going on, if it has not succeeded yet: it fails with RUN_ABORTED and has changed nothing. */
  cancel(): void {
    const { running } = this;
    if (!running) return;
    running.cancelled = true;
    const { calls } = this.options.connection;
    const { session, run } = running;
    // Whether it was in time says the answer to the run.
    calls.cancelRun({ session, run }, { timeoutMs: answerMs }).catch(() => {});
  }

  /** Lets the session go, with all that was told of it, and makes another. */
  async renew(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    this.pending = new PendingState();
    this.releases = [];
    clearInterval(this.keeping);
    const { session } = (await opened?.catch(() => undefined)) ?? {};
    const { calls } = this.options.connection;
    if (session) await calls.closeSession({ session }, { timeoutMs: closeMs }).catch(() => {});
    await this.open();
  }

  /** Gives everything back; a master that can not be reached does so when its time is over. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancel();
    clearInterval(this.keeping);
    const opened = await this.opened?.catch(() => undefined);
    const { calls, close } = this.options.connection;
    const { session } = opened ?? {};
    if (session) await calls.closeSession({ session }, { timeoutMs: closeMs }).catch(() => {});
    close();
  }

  /** Makes a call, and again while the master can not be reached. */
  private async reached<T>(call: (limits: CallOptions, attempt: number) => Promise<T>): Promise<T> {
    const end = performance.now() + this.options.timeoutMs + answerMs;
    for (let attempt = 0; ; attempt++) {
      const timeoutMs = Math.max(1, Math.ceil(end - performance.now()));
      try {
        return await call({ timeoutMs, waitForReady: attempt > 0 }, attempt);
      } catch (error) {
        if (!isMasterLost(error) || this.closed || performance.now() > end) throw error;
      }
    }
  }

  /** The session after everything before has been told. */
  private async settled(): Promise<string> {
    const { session } = await this.open();
    const { calls } = this.options.connection;
    const graphs = [...this.releases];
    if (graphs.length > 0) {
      await this.reached((limits) => calls.releaseCallable({ session, graphs }, limits));
      this.releases.splice(0, graphs.length);
    }
    await this.pending.tell((update) =>
      this.reached((limits) => calls.updateState({ session, ...update }, limits)),
    );
    return session;
  }

  private open(): Promise<CreateSessionResponse> {
    this.opened ??= this.create();
    return this.opened;
  }

  // A master that was not there yet is asked again by the next call.
  private async create(): Promise<CreateSessionResponse> {
    const { connection, placement = '' } = this.options;
    const { calls } = connection;
    try {
      const created = await calls.createSession({ placement }, { timeoutMs: answerMs });
      const { session, timeToLive } = created;
      const touch = () =>
        void calls.listDevices({ session }, { timeoutMs: answerMs }).catch(() => {});
      this.keeping = setInterval(touch, (1000 * timeToLive) / 4).unref();
      return created;
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
  }
}

/** Whether the master was not reached; that it has not reached a worker is an answer. */
const isMasterLost = (error: unknown): boolean =>
  isUnreachable(error) && !error.worker.startsWith('/job:');
