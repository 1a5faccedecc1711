import type { HostTensor, RunContext } from '@tenon/core';
import type { Connection } from '../protocol/call.js';
import type {
  CreateSessionResponse,
  DeviceInfo,
  MasterService,
  Span,
  TensorMessage,
} from '../protocol/gen/distributed_pb.js';
import { tensorOf } from '../protocol/tensor-message.js';
import { type ClusterVariable, PendingState } from './pending-state.js';

export interface MasterLinkOptions {
  readonly connection: Connection<typeof MasterService>;
  /** Milliseconds that a run may take. */
  readonly timeoutMs: number;
  /** Options of placement as JSON. */
  readonly placement?: string;
}

type Feed = Omit<TensorMessage, '$typeName'>;

// The master's own deadline comes first: its error says what was waited for.
const answerMs = 10_000;

/**
 * A session of a master as its client sees it. What is written or freed is told with the next call; the session is made with the
 * first. Errors of all calls: UNAVAILABLE, ABORTED, RUN_ABORTED, DEADLINE_EXCEEDED, and those of the cluster.
 */
export class MasterLink {
  private readonly options: MasterLinkOptions;
  private opened: Promise<CreateSessionResponse> | undefined;
  private keeping: NodeJS.Timeout | undefined;
  private readonly pending = new PendingState();
  private readonly releases: number[] = [];
  private numbers = 0;
  private runs = 0;
  private running: { readonly session: string; readonly run: number } | undefined;

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
    return (await calls.tracing({ session, since }, this.limits())).spans;
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
    const { value } = await calls.readVariable({ session, variable }, this.limits());
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
    await calls.makeCallable(request, this.limits());
  }

  /** Where the variables of a graph would go; the numbers of those that are not made yet are 0. */
  async place(
    part: Uint8Array<ArrayBuffer>,
    variables: readonly ClusterVariable[],
  ): Promise<readonly string[]> {
    const session = await this.settled();
    const { calls } = this.options.connection;
    const request = { session, callable: 0, part, variables: [...variables] };
    return (await calls.placeGraph(request, this.limits())).devices;
  }

  async run(
    callable: number,
    feeds: readonly Feed[],
    { seed: [low, high], step }: RunContext,
  ): Promise<readonly TensorMessage[]> {
    const session = await this.settled();
    const { timeoutMs, connection } = this.options;
    const run = ++this.runs;
    this.running = { session, run };
    try {
      const { outputs } = await connection.calls.runCallable(
        { session, callable, run, feeds: [...feeds], seed: { low, high, step }, timeoutMs },
        this.limits(),
      );
      return outputs;
    } finally {
      this.running = undefined;
    }
  }

  /** Ends the run that is going on, if it has not succeeded yet: it fails with RUN_ABORTED and has changed nothing. */
  cancel(): void {
    if (!this.running) return;
    const { calls } = this.options.connection;
    // Whether it was in time says the answer to the run.
    calls.cancelRun(this.running, { timeoutMs: answerMs }).catch(() => {});
  }

  /** Gives everything back; a master that can not be reached does so when its time is over. */
  async close(): Promise<void> {
    this.cancel();
    clearInterval(this.keeping);
    const opened = await this.opened?.catch(() => undefined);
    const { calls, close } = this.options.connection;
    const { session } = opened ?? {};
    if (session) await calls.closeSession({ session }, { timeoutMs: 5000 }).catch(() => {});
    close();
  }

  private limits() {
    return { timeoutMs: this.options.timeoutMs + answerMs };
  }

  /** The session after everything before has been told. */
  private async settled(): Promise<string> {
    const { session } = await this.open();
    const { calls } = this.options.connection;
    const graphs = [...this.releases];
    if (graphs.length > 0) {
      await calls.releaseCallable({ session, graphs }, this.limits());
      this.releases.splice(0, graphs.length);
    }
    await this.pending.tell((update) => calls.updateState({ session, ...update }, this.limits()));
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
      const touch = () => void calls.listDevices({ session }, this.limits()).catch(() => {});
      this.keeping = setInterval(touch, (1000 * timeToLive) / 4).unref();
      return created;
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
  }
}
