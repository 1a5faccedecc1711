import {
  type Device,
  type DeviceBuffer,
  decodePart,
  GraphError,
  type HostTensor,
  lowerPart,
  type OpInfo,
  type Tensor,
  variablesOf,
} from '@tenon/core';
import type {
  Peer,
  RegisterGraphRequest,
  RunGraphRequest,
  TensorMessage,
} from '../protocol/gen/distributed_pb.js';
import { tensorOf } from '../protocol/tensor-message.js';
import { type RendezvousTables, type Sent, systemClock, type Wait } from '../rendezvous/index.js';
import type { Transport } from '../transport/transport.js';
import { withDeadline } from './deadline.js';
import { SessionSteps, stepId } from './session-steps.js';
import { type ReadyPart, runStep } from './step-run.js';
import type { StepTraces } from './step-traces.js';
import { StepTransfers } from './step-transfers.js';
import { Variables } from './variables.js';

export interface WorkerSessionOptions {
  readonly name: string;
  readonly worker: string;
  readonly incarnation: string;
  /** By their names in the cluster. */
  readonly devices: ReadonlyMap<string, Device>;
  readonly peers: readonly Peer[];
  /** Belongs to the session, which closes it. */
  readonly transport: Transport;
  /** Of the worker. */
  readonly tables: RendezvousTables;
  readonly traces: StepTraces;
  readonly ops: Iterable<OpInfo>;
}

/** What one session of a master has on a worker: variables, compiled graphs, and the step that runs. */
export class WorkerSession {
  readonly variables = new Variables();
  private readonly options: WorkerSessionOptions;
  private readonly peers: ReadonlyMap<string, Peer>;
  private readonly steps: SessionSteps;
  private readonly graphs = new Map<number, ReadyPart>();
  private lastStep = 0;
  private running: AbortController | undefined;
  /** Settles when the last step has come to its end here, however. */
  private ended: Promise<unknown> = Promise.resolve();
  /** What has run and waits for its commit. */
  private computed: { readonly step: number; readonly parts: readonly ReadyPart[] } | undefined;

  constructor(options: WorkerSessionOptions) {
    this.options = options;
    this.peers = new Map(options.peers.map((peer) => [peer.worker, peer]));
    this.steps = new SessionSteps(options.tables, options.name);
  }

  get graphCount(): number {
    return this.graphs.size;
  }

  /** Whether a step runs. */
  get busy(): boolean {
    return this.running !== undefined;
  }

  /** Lowers and compiles a part for its device. Errors: FORMAT_INVALID, NAME_UNKNOWN, DEVICE_LIMIT. */
  register({ graph, device: name, part: bytes, variables }: RegisterGraphRequest): void {
    const device = this.device(name);
    const part = decodePart(bytes, this.options.ops);
    const tensors = variablesOf(part);
    if (tensors.length !== variables.length) {
      throw new GraphError('FORMAT_INVALID', `graph ${graph}`, {
        what: `it has ${tensors.length} variables and comes with numbers for ${variables.length}.`,
      });
    }
    const buffers = this.variables.buffers(device, variables, tensors);
    const program = lowerPart(part, device);
    const own = program.variables.map((tensor) => buffers[tensors.indexOf(tensor)] as DeviceBuffer);
    const executable = device.compile(program, own);
    this.deregister([graph]);
    const { inputs, outputs } = part;
    this.graphs.set(graph, { graph, executable, device: name, inputs, outputs: outputs.length });
  }

  deregister(graphs: readonly number[]): void {
    for (const graph of graphs) {
      this.graphs.get(graph)?.executable.free();
      this.graphs.delete(graph);
    }
  }

  device(name: string): Device {
    const device = this.options.devices.get(name);
    if (device) return device;
    throw new GraphError('NAME_UNKNOWN', name, {
      what: 'the worker has no such device.',
      fix: `devices: ${[...this.options.devices.keys()].join(', ')}.`,
    });
  }

  /** A tensor of a step when it is there. Errors: RUN_ABORTED, ABORTED, DEADLINE_EXCEEDED, and what the step failed with. */
  async take(step: number, key: string, wait: Wait): Promise<Sent> {
    return this.steps.of(step).take(key, wait);
  }

  /** The parts of one step, and their updates where no other worker takes part. Errors: RUN_ABORTED for a step that was seen. */
  async run(request: RunGraphRequest, signal?: AbortSignal): Promise<HostTensor[][]> {
    this.begin(request.step);
    const before = this.ended;
    const run = this.runAfter(before, request, signal);
    this.ended = run.catch(() => {});
    return run;
  }

  // A step that was ended may still compute in the memory that the next one needs.
  private async runAfter(
    before: Promise<unknown>,
    request: RunGraphRequest,
    signal?: AbortSignal,
  ): Promise<HostTensor[][]> {
    const { step, timeoutMs, seed, commit } = request;
    const late = () => lateEnd(step, timeoutMs);
    await withDeadline(before, { timeoutMs, signal, late });
    this.computed = undefined;
    const running = new AbortController();
    this.running = running;
    const cancel = () => running.abort(signal?.reason);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const parts = this.fed(request);
      const results = await runStep(parts, {
        transfers: this.transfers(step, timeoutMs),
        abort: (error) => this.steps.end(step, error),
        seed: [seed?.low ?? 0, seed?.high ?? 0],
        runs: seed?.step ?? 0,
        begin: (what) => this.options.traces.begin({ ...what, step, session: request.session }),
        signal: running.signal,
      });
      this.computed = { step, parts };
      if (commit) this.commit(step);
      return results;
    } catch (error) {
      this.steps.end(step, error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.running = undefined;
    }
  }

  /** Sets the variables to what a step has computed. Errors: STATE_INVALID where it has not. */
  commit(step: number): void {
    const { computed } = this;
    if (computed?.step !== step) {
      throw new GraphError('STATE_INVALID', `step ${step}`, {
        what: 'it has not run here, or was committed.',
      });
    }
    this.computed = undefined;
    for (const { executable } of computed.parts) executable.commit();
  }

  /** Ends a step from outside. */
  cleanup(step: number, reason: unknown): void {
    if (step === this.lastStep) this.running?.abort(reason);
    if (this.computed?.step === step) this.computed = undefined;
    this.lastStep = Math.max(this.lastStep, step);
    this.steps.end(step, reason);
  }

  free(reason: unknown): void {
    this.running?.abort(reason);
    this.steps.end(Number.POSITIVE_INFINITY, reason);
    void this.options.transport.close();
    this.deregister([...this.graphs.keys()]);
    this.variables.freeAll();
  }

  private begin(step: number): void {
    if (step <= this.lastStep) {
      throw new GraphError('RUN_ABORTED', `step ${step}`, {
        what: `it was asked for before, or has been ended; the last is ${this.lastStep}.`,
      });
    }
    this.lastStep = step;
    this.steps.end(
      step - 1,
      new GraphError('RUN_ABORTED', `step ${step - 1}`, { what: 'the step has ended.' }),
    );
  }

  private fed({ graphs }: RunGraphRequest): ReadyPart[] {
    return graphs.map(({ graph, feeds }) => {
      const part = this.graphs.get(graph);
      if (!part) {
        throw new GraphError('STATE_INVALID', `graph ${graph}`, { what: 'it is not registered.' });
      }
      part.inputs.forEach((input, i) => {
        part.executable.write(i, fittingFeed(input, feeds[i], `feed ${i} of graph ${graph}`));
      });
      return part;
    });
  }

  private transfers(step: number, timeoutMs: number): StepTransfers['until'] {
    const { worker, incarnation, transport, name } = this.options;
    const transfers = new StepTransfers({
      worker,
      incarnation,
      peers: this.peers,
      transport,
      id: stepId(name, step),
      table: this.steps.of(step),
      deadline: systemClock.now() + timeoutMs,
    });
    return (signal) => transfers.until(signal);
  }
}

function fittingFeed(input: Tensor, feed: TensorMessage | undefined, where: string): HostTensor {
  const value = tensorOf(feed, where);
  if (value.dtype === input.dtype && `${value.shape}` === `${input.shape}`) return value;
  throw new GraphError('FEED_INVALID', where, {
    what: 'the value does not fit.',
    given: { input, value },
  });
}

const lateEnd = (step: number, timeoutMs: number): GraphError =>
  new GraphError('DEADLINE_EXCEEDED', `step ${step}`, {
    what: `the step before has not come to its end within ${timeoutMs} ms.`,
  });
