import {
  type Callable,
  type Device,
  decodeGraph,
  GraphError,
  type HostTensor,
  type OpInfo,
  Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import type { ShardArithmetic, Share } from '../../coordinator/shard/arithmetic.js';
import type { ShardFetches } from '../chief/shard-graph.js';
import { ShardParameters } from './shard-parameters.js';

/** Gradients in the order of the shard's parameters, each the sum over the examples of a replica. */
export type Gradients = readonly HostTensor[];

export interface GraphArithmeticOptions {
  /** Must be synchronous. */
  readonly device: Device;
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
  readonly graph: Uint8Array;
  /** Names of the parameters. */
  readonly parameters: readonly string[];
  /** Names of all that makes the state; the parameters come first. */
  readonly state: readonly string[];
}

/** Arithmetic of a parameter shard on a device: sums of gradients, and the optimizer's update, as graphs. */
export class GraphArithmetic implements ShardArithmetic<ShardParameters, Gradients> {
  private readonly session: Session;
  private readonly variables: readonly Variable[];
  private readonly count: number;
  private readonly rate: Variable | undefined;
  private readonly first: Callable<Tensor>;
  private readonly more: Callable<Tensor>;
  private readonly update: Callable<Tensor>;
  /** Whose values the variables of the session hold. */
  private settled: ShardParameters | undefined;

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN. */
  constructor({ device, ops, graph, parameters, state }: GraphArithmeticOptions) {
    const { fetches, inputs, variables } = decodeGraph<ShardFetches>(graph, { ops });
    const named = <T>(from: ReadonlyMap<string, T>, name: string): T => {
      const found = from.get(name);
      if (found) return found;
      throw new GraphError('FORMAT_INVALID', name, { what: 'the graph does not have it.' });
    };
    this.session = new Session({ devices: [device] });
    this.count = parameters.length;
    this.variables = state.map((name) => named(variables, name));
    this.rate = variables.get('learningRate');
    const gradients = parameters.map((_, i) => named(inputs, `gradient/${i}`));
    this.first = this.session.prepare(fetches.first, gradients);
    this.more = this.session.prepare(fetches.more, gradients);
    this.update = this.session.prepare(fetches.update, [named(inputs, 'divisor')]);
  }

  /** A state that came from elsewhere. */
  of(values: readonly HostTensor[]): ShardParameters {
    return new ShardParameters({ session: this.session, variables: this.variables }, values);
  }

  copy(parameters: ShardParameters): ShardParameters {
    return parameters.copy();
  }

  read(parameters: ShardParameters): ShardParameters {
    return this.of(parameters.read().slice(0, this.count));
  }

  apply(parameters: ShardParameters, gradients: readonly Gradients[], share: Share): void {
    if (this.settled !== parameters) {
      // What the variables hold now is read while they hold it.
      this.settled?.read();
      parameters.settle();
      this.settled = parameters;
    }
    gradients.forEach((own, i) => {
      (i === 0 ? this.first : this.more).sync(...own);
    });
    this.scaled(share.scale, () => this.update.sync(share.divisor));
    parameters.moved();
  }

  close(): void {
    this.session.close();
  }

  /** With the learning rate of one update changed by a factor. */
  private scaled(factor: number, update: () => unknown): void {
    const { rate, session } = this;
    if (factor === 1 || !rate) return void update();
    const before = session.runSync(rate);
    session.writeSync(rate, before.item() * factor);
    update();
    session.writeSync(rate, before);
  }
}
