import { createHash } from 'node:crypto';
import {
  allOps,
  type Callable,
  type Device,
  decodeGraph,
  GraphError,
  HostTensor,
  type OpInfo,
  Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import { type Elements, RingMember, RingSignal } from '../../collectives/index.js';
import {
  type GraphMessage,
  type PlaceMessage,
  type PlainTensor,
  plain,
  type RingMemory,
  type StateMessage,
  type StepMessage,
  tensorOf,
} from '../messages.js';
import { exchangeOps, opsOf } from './exchange-ops.js';

export interface ReplicaSessionOptions {
  readonly devices: readonly Device[];
  /** Ops of one's own that the graph may use. */
  readonly ops?: Iterable<OpInfo> | undefined;
  /** Told that frames were written or taken where no other replica shares the links. */
  readonly moved?: () => void;
}

interface Loaded {
  readonly session: Session;
  readonly callable: Callable<readonly Tensor[]>;
  readonly state: readonly Variable[];
  readonly totals: readonly Variable[];
}

/** A whole copy of a model's weights and optimizer, and the step that it takes together with the other replicas. */
export class ReplicaSession {
  private readonly options: ReplicaSessionOptions;
  private loaded: Loaded | undefined;
  private member: RingMember | undefined;
  /** For each bucket the sizes of its values. */
  private readonly sizes = new Map<number, number[]>();

  constructor(options: ReplicaSessionOptions) {
    this.options = options;
  }

  /** Takes another graph; the state is that of `write` only. Errors: those of `decodeGraph`. */
  load({ bytes, fed, state, totals, seed }: GraphMessage): null {
    this.loaded?.session.close();
    const { devices, ops = [] } = this.options;
    const exchange = exchangeOps({
      contribute: (bucket, values) => this.contribute(bucket, values),
      finish: (bucket) => this.finish(bucket),
    });
    const own = [...ops];
    const { fetches, inputs, variables } = decodeGraph<readonly Tensor[]>(bytes, {
      ops: [...allOps, ...own],
      hostOps: [...own.filter(({ role }) => role === 'host'), ...opsOf(exchange)],
    });
    const session = new Session({ devices, seed });
    const feeds = [...Array.from({ length: fed }, (_, i) => `fed${i}`), 'share', 'counts'];
    const list = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => variables.get(`${name}${i}`) as Variable);
    this.loaded = {
      session,
      callable: session.prepare(
        fetches,
        feeds.map((name) => inputs.get(name) as Tensor),
      ),
      state: list('state', state),
      totals: list('total', totals),
    };
    return null;
  }

  /** Takes a place in a ring, instead of the one before. */
  join({ before, next, signal, ...place }: PlaceMessage & RingMemory): null {
    const { moved = () => {} } = this.options;
    const waking = (memory: SharedArrayBuffer | undefined) => {
      if (!memory) return moved;
      const neighbour = new RingSignal(memory);
      return () => neighbour.ring();
    };
    this.member = new RingMember({
      ...place,
      signal: new RingSignal(signal),
      wrote: waking(next),
      took: waking(before),
    });
    return null;
  }

  async write({ state, totals, runs }: StateMessage): Promise<null> {
    const loaded = this.graph();
    const variables = [...loaded.state, ...loaded.totals];
    for (const [i, value] of [...state, ...totals].entries())
      await loaded.session.write(variables[i] as Variable, tensorOf(value));
    loaded.session.runs = runs;
    return null;
  }

  /**
   * One step with the other replicas, which sleeps until their sums are here; the state of the logs after it. When it fails, the
   * state is as it was before. Errors: those of `RingMember` and of the graph.
   */
  async step({ values, share, counts }: StepMessage): Promise<PlainTensor[]> {
    const { callable, totals } = this.graph();
    const run = callable.bind([...values.map(({ shape }) => shape), [], []]);
    for (let wait = run.ready(); wait; wait = run.ready()) await wait;
    const scalars = [share, counts].map((value) => new HostTensor(Float32Array.of(value), []));
    for (const [i, value] of [...values.map(tensorOf), ...scalars].entries()) run.write(i, value);
    await run.run();
    return totals.map(({ dtype, shape }, i) => ({ dtype, shape, data: run.value(i).slice() }));
  }

  async read(): Promise<StateMessage> {
    const { session, state, totals } = this.graph();
    const values = async (variables: readonly Variable[]) => {
      const found: PlainTensor[] = [];
      for (const variable of variables) found.push(plain(await session.read(variable)));
      return found;
    };
    return { state: await values(state), totals: await values(totals), runs: session.runs };
  }

  async digest(): Promise<string> {
    const hash = createHash('sha256');
    const { state, totals } = await this.read();
    for (const { data } of [...state, ...totals])
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return hash.digest('hex');
  }

  close(): void {
    this.loaded?.session.close();
    for (const device of this.options.devices) device.close();
  }

  private contribute(bucket: number, values: readonly HostTensor[]): void {
    this.sizes.set(
      bucket,
      values.map(({ size }) => size),
    );
    this.ring().contribute(
      bucket,
      values.map(({ data }) => data as Elements),
    );
  }

  private finish(bucket: number): Elements[] {
    const sums = this.ring().finish(bucket);
    let at = 0;
    return (this.sizes.get(bucket) as number[]).map((size) => {
      at += size;
      return sums.subarray(at - size, at) as Elements;
    });
  }

  private graph(): Loaded {
    return this.loaded ?? missing('graph');
  }

  private ring(): RingMember {
    return this.member ?? missing('ring');
  }
}

function missing(what: string): never {
  throw new GraphError('STATE_INVALID', 'replica', { what: `it has no ${what} yet.` });
}
