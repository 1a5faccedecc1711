import { constant, constantOp } from '../graph/constant.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { namedInputs } from '../graph/op.js';
import { applyAgain } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import type { KnownShape } from '../graph/shape.js';
import { identityOf } from '../graph/structure.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { window } from '../ops/slicing/window.js';
import type { Cut } from './cut.js';
import { cutHost } from './host-pieces.js';
import { bytesOf, movable, type Pieces, type Wanted, whole } from './pieces.js';

/** How a device comes by what it needs. */
export interface Supply {
  /** What is sent to the device for it, by name, with its bytes. */
  readonly sent: ReadonlyMap<string, number>;
  /** The tensor of the new graph. */
  build(): Tensor;
}

/** What is known of the graph that is being rewritten. */
export interface Known {
  pieces(tensor: Tensor): Pieces | undefined;
  /** The whole value as a tensor of the new graph, put together on a device if need be. */
  whole(tensor: Tensor, device: string | undefined): Tensor;
}

/** What moves with a value that is wanted whole: nothing, or the work of single elements that leads to it. */
export type Reach = 'value' | 'work';

const deepest = 48;
const nothing: ReadonlyMap<string, number> = new Map();

/**
 * Finds for each value that a device needs the way by which the fewest bytes are sent: the value itself, or what it is computed from.
 */
export class Demands {
  private readonly known: Known;
  private readonly supplies = new Map<string, Supply>();

  constructor(known: Known) {
    this.known = known;
  }

  supply(tensor: Tensor, wanted: Wanted, reach: Reach = 'value', depth = 0): Supply {
    const key = `${nameOf(tensor, wanted)} ${wanted.device} ${reach}`;
    const before = this.supplies.get(key);
    if (before) return before;
    const found = once(this.found(tensor, wanted, { reach, depth }));
    this.supplies.set(key, found);
    return found;
  }

  private found(
    tensor: Tensor,
    wanted: Wanted,
    { reach, depth }: { reach: Reach; depth: number },
  ): Supply {
    const there = this.there(tensor, wanted);
    if (there) return there;
    const sent = this.sent(tensor, wanted);
    const { node } = tensor;
    if (depth >= deepest || !movable(node)) return sent;
    const options = this.computations(node, wanted, { reach, depth });
    const best = least(options);
    if (!best) return sent;
    const [here, travels] = [bytesIn(best.sent), bytesIn(sent.sent)];
    const worth = wanted.axis === null && reach === 'value' ? here < travels : here <= travels;
    return worth ? best : sent;
  }

  /** What a device has already, or makes of nothing. */
  private there(tensor: Tensor, { device, axis, range }: Wanted): Supply | undefined {
    const { node } = tensor;
    const pieces = this.known.pieces(tensor);
    if (pieces && axis === pieces.axis) {
      const i = pieces.ranges.findIndex(
        ({ begin, size }) => begin === range.begin && size === range.size,
      );
      const part = pieces.parts[i];
      if (part && pieces.devices[i] === device) return { sent: nothing, build: () => part };
      if (part) {
        const sent = new Map([[nameOf(part, whole), bytesOf(part, whole)]]);
        return { sent, build: () => part };
      }
    }
    // A constant is part of the graph of every device that uses it.
    if (node.op === constantOp) {
      const value = node.attrs.value as HostTensor;
      const own = axis === null ? value : cutHost(value, axis, range);
      return { sent: nothing, build: () => on(device, node, () => constant(own)) };
    }
    if (axis !== null) return undefined;
    if (node.device !== device || pieces) return undefined;
    return { sent: nothing, build: () => this.known.whole(tensor, device) };
  }

  /** The value comes from where it is computed; a part of it is cut out there. */
  private sent(tensor: Tensor, wanted: Wanted): Supply {
    const { device, axis, range } = wanted;
    // What is fed is given whole to every device that uses it.
    const fed = tensor.node.op.role === 'input';
    const name = nameOf(tensor, fed ? whole : wanted);
    const bytes = fed ? bytesOf(tensor, whole) : bytesOf(tensor, wanted);
    const home = fed ? device : tensor.node.device;
    return {
      sent: new Map([[name, bytes]]),
      build: () => {
        const value = this.known.whole(tensor, axis === null ? device : home);
        if (axis === null) return value;
        return on(home, tensor.node, () => cutOut(value, axis, range));
      },
    };
  }

  private computations(
    node: Node,
    wanted: Wanted,
    { reach, depth }: { reach: Reach; depth: number },
  ): Supply[] {
    const { device, axis, range } = wanted;
    const { op, inputs, attrs } = node;
    const named = namedInputs(op, inputs) as never;
    const below = depth + 1;
    if (axis !== null) {
      const cuts = op.definition.cuts?.(named, attrs as never) ?? [];
      return cuts
        .filter(({ output }) => output === axis)
        .map((cut) => this.piece(node, cut, { device, axis, range }, below));
    }
    const taken = op.definition.takes?.(named, attrs as never);
    if (taken) {
      const [input] = inputs as readonly [Tensor];
      return [this.supply(input, { device, axis: taken.axis, range: taken }, 'value', below)];
    }
    if (node.device !== undefined || !this.isLight(node)) return [];
    const supplies = inputs.map((input) => this.supply(input, { ...wanted }, reach, below));
    const build = () =>
      on(device, node, () =>
        applied(
          node,
          supplies.map((supply) => supply.build()),
        ),
      );
    return [{ sent: union(supplies), build }];
  }

  /** One piece of an application on a device, from what it needs there. */
  piece(node: Node, cut: Cut, { device, range }: Wanted, depth = 0): Supply {
    const supplies = node.inputs.map((input, i) => {
      const axis = cut.inputs[i] ?? null;
      return this.supply(
        input,
        { device, axis, range: axis === null ? whole.range : range },
        'value',
        depth,
      );
    });
    const build = () => {
      const inputs = supplies.map((supply) => supply.build());
      return on(device, node, () => cut.piece?.(inputs, range) ?? applied(node, inputs));
    };
    return { sent: union(supplies), build };
  }

  /** Work on elements and shapes alone, which costs nothing to speak of. */
  private isLight({ op, inputs, attrs }: Node): boolean {
    const cuts = op.definition.cuts?.(namedInputs(op, inputs) as never, attrs as never);
    return cuts?.every(({ output }) => output !== null) ?? false;
  }
}

const nameOf = (tensor: Tensor, { axis, range }: Pick<Wanted, 'axis' | 'range'>): string =>
  `${identityOf(tensor.node)}.${tensor.index}${axis === null ? '' : ` ${axis}:${range.begin}+${range.size}`}`;

const applied = (node: Node, inputs: readonly Tensor[]): Tensor =>
  applyAgain(node, inputs)[0] as Tensor;

const on = <T>(device: string | undefined, { path }: Node, build: () => T): T =>
  withScope({ device, path, controls: [], region: undefined }, build);

function cutOut(value: Tensor, axis: number, { begin, size }: Wanted['range']): Tensor {
  const shape = value.shape as KnownShape;
  return window(value, {
    begin: shape.map((_, i) => (i === axis ? begin : 0)),
    strides: shape.map(() => 1),
    size: shape.map((extent, i) => (i === axis ? size : extent)),
  });
}

function once(supply: Supply): Supply {
  let built: Tensor | undefined;
  return {
    ...supply,
    build() {
      built ??= supply.build();
      return built;
    },
  };
}

/** Bytes that are sent. */
export const bytesIn = (sent: ReadonlyMap<string, number>): number =>
  [...sent.values()].reduce((total, bytes) => total + bytes, 0);

/** What is sent for all of these: what several need goes once. */
export const union = (supplies: readonly Supply[]): ReadonlyMap<string, number> =>
  new Map(supplies.flatMap(({ sent }) => [...sent]));

const least = (supplies: readonly Supply[]): Supply | undefined =>
  supplies.length === 0
    ? undefined
    : supplies.reduce((best, other) => (bytesIn(other.sent) < bytesIn(best.sent) ? other : best));
