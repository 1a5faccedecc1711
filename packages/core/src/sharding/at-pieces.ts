import { namedInputs } from '../graph/op.js';
import { topologicalOrder, withInputs } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { add } from '../ops/arithmetic/add.js';
import { concat } from '../ops/shape/concat.js';
import type { Pass } from '../passes/pass.js';
import type { Cut } from './cut.js';
import { bytesIn, Demands, type Supply } from './demands.js';
import { bytesOf, type Division, movable, type Pieces, storedPieces, whole } from './pieces.js';

/**
 * Moves work to where variables lie: what a variable in pieces meets is computed piece by piece on their devices, as far as that
 * sends less than to put the pieces together, and the value of an update where its variable is.
 */
export const atPieces: Pass = { name: 'atPieces', run: moved };

function moved(roots: readonly Tensor[]): Tensor[] {
  const order = topologicalOrder(roots.map(({ node }) => node));
  const needed = order.some((node) => storedPieces(node) || updateDevice(node) !== undefined);
  return needed ? new AtPieces(order).results(roots) : [...roots];
}

/** The device that an update's variable is bound to. */
const updateDevice = ({ op, inputs }: Node): string | undefined =>
  op.role === 'update' ? inputs[0]?.node.device : undefined;

/** One way to compute a node piece by piece. */
interface Option {
  readonly cut: Cut;
  readonly division: Division;
  readonly supplies: readonly Supply[];
  readonly bytes: number;
}

class AtPieces {
  private readonly order: readonly Node[];
  private readonly pieces = new Map<Tensor, Pieces>();
  private readonly wholes = new Map<Tensor, Tensor>();
  private readonly joined = new Map<Tensor, Map<string | undefined, Tensor>>();
  /** What each node has become. */
  private readonly nodes = new Map<Node, readonly Node[]>();
  private readonly demands = new Demands({
    pieces: (tensor) => this.pieces.get(tensor),
    whole: (tensor, device) => this.whole(tensor, device),
  });

  constructor(order: readonly Node[]) {
    this.order = order;
  }

  results(roots: readonly Tensor[]): Tensor[] {
    for (const node of this.order) this.nodes.set(node, this.visited(node));
    return roots.map((root) => this.whole(root, root.node.device));
  }

  private visited(node: Node): readonly Node[] {
    const stored = storedPieces(node);
    if (stored) return this.inPieces(node, stored);
    const option = this.bestOption(node);
    if (option) return this.divided(node, option);
    const device = updateDevice(node);
    const inputs =
      device === undefined
        ? node.inputs.map((input) => this.whole(input, node.device))
        : this.updateInputs(node, device);
    const controls = [
      ...new Set(node.controls.flatMap((control) => this.nodes.get(control) ?? [])),
    ];
    const { outputs } = withInputs(node, inputs, controls);
    node.outputs.forEach((output, i) => void this.wholes.set(output, outputs[i] as Tensor));
    return outputs.slice(0, 1).map((output) => output.node);
  }

  private updateInputs({ inputs }: Node, device: string): Tensor[] {
    const [variable, value] = inputs as readonly [Tensor, Tensor];
    const supply = this.demands.supply(value, { device, ...whole }, 'work');
    return [this.whole(variable, device), supply.build()];
  }

  private inPieces(node: Node, pieces: Pieces): readonly Node[] {
    this.pieces.set(node.outputs[0] as Tensor, pieces);
    return pieces.parts.map((part) => part.node);
  }

  /** The whole value, on a device if it must be put together. */
  private whole(tensor: Tensor, device: string | undefined): Tensor {
    const made = this.wholes.get(tensor);
    if (made) return made;
    const known = this.joined.get(tensor) ?? new Map<string | undefined, Tensor>();
    const before = known.get(device);
    if (before) return before;
    const { parts, axis } = this.pieces.get(tensor) as Pieces;
    const { path } = tensor.node;
    const whole = withScope({ device, path, controls: [], region: undefined }, () =>
      concat(parts, { axis }),
    );
    this.joined.set(tensor, known.set(device, whole));
    return whole;
  }

  /** The cheapest way to compute a node piece by piece, if it has one that is worth it. */
  private bestOption(node: Node): Option | undefined {
    const { op, inputs, attrs, device } = node;
    const { cuts } = op.definition;
    const known = inputs.map((input) => this.pieces.get(input));
    if (!cuts || !movable(node) || known.every((pieces) => !pieces)) return undefined;
    const all = cuts(namedInputs(op, inputs) as never, attrs as never);
    const options = known.flatMap((pieces, i) => {
      // The hint of a node says where it is put together; others than the devices of the pieces keep it to themselves.
      const elsewhere = device !== undefined && !pieces?.devices.includes(device);
      if (!pieces || (elsewhere && !pieces.stored)) return [];
      const fitting = all.filter((cut) => cut.inputs[i] === pieces.axis);
      return fitting.map((cut) => this.option(node, cut, pieces));
    });
    const [first, ...others] = options;
    if (!first) return undefined;
    const best = others.reduce((a, b) => (b.bytes < a.bytes ? b : a), first);
    if (known.some((pieces) => pieces?.stored)) return best;
    const together = inputs.reduce(
      (bytes, input, i) => bytes + (known[i] ? bytesOf(input, whole) : 0),
      0,
    );
    return best.bytes <= together ? best : undefined;
  }

  private option(node: Node, cut: Cut, { ranges, devices }: Division): Option {
    const supplies = ranges.map((range, i) =>
      this.demands.piece(node, cut, { device: devices[i] as string, axis: cut.output, range }),
    );
    const sent = supplies.reduce((bytes, supply) => bytes + bytesIn(supply.sent), 0);
    // Terms of a sum all travel.
    const terms =
      cut.output === null ? ranges.length * bytesOf(node.outputs[0] as Tensor, whole) : 0;
    return { cut, division: { ranges, devices }, supplies, bytes: sent + terms };
  }

  private divided(node: Node, { cut, division, supplies }: Option): readonly Node[] {
    const parts = supplies.map((supply) => supply.build());
    const [output] = node.outputs as readonly [Tensor];
    if (cut.output !== null) {
      return this.inPieces(node, { ...division, axis: cut.output, parts, stored: false });
    }
    const { device, path } = node;
    const sum = withScope({ device, path, controls: [], region: undefined }, () =>
      parts.reduce((total, part) => add(total, part)),
    );
    this.wholes.set(output, sum);
    return [sum.node];
  }
}
