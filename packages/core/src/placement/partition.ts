import { constant } from '../graph/constant.js';
import { withInputs } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import type { KnownShape } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import type { Part } from '../lower/lower.js';
import type { Update } from '../passes/resolve-state.js';
import { isConstant } from './is-constant.js';
import { receive, send } from './transfer.js';

export interface PartitionRequest {
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  readonly placement: ReadonlyMap<Node, string>;
  /** Fed tensors: given to every part that uses them. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly defaultDevice: string;
}

export interface DevicePart extends Part {
  readonly device: string;
  /** For each output of the part its place among all outputs. */
  readonly outputPlaces: readonly number[];
  /** For each input of the part its place among all inputs. */
  readonly inputPlaces: readonly number[];
}

/**
 * Cuts a graph into one part a device. A value that crosses becomes a send right behind its node and a receive before its first use,
 * once for each destination; constants are in every part that uses them. An edge of order carries an empty tensor, and so do those of
 * effects alone, once for all of a device. Every part keeps the common order, so parts that wait for each other never deadlock.
 */
export function partition(request: PartitionRequest): DevicePart[] {
  return new Partitioner(request).parts();
}

interface Draft {
  readonly nodes: Node[];
  /** For each node what leaves the device as soon as it has run. */
  readonly after: Map<Node, Node[]>;
  readonly inputs: Tensor[];
  readonly moved: Map<Tensor, Tensor>;
}

class Partitioner {
  private readonly request: PartitionRequest;
  private readonly drafts = new Map<string, Draft>();
  private readonly fed: ReadonlySet<Tensor>;
  /** For each node the signals of its end, by the device that they have arrived at. */
  private readonly signals = new Map<Node, Map<string, Node>>();
  private constants: ReadonlySet<Node> = new Set();
  private transfers = 0;

  constructor(request: PartitionRequest) {
    this.request = request;
    this.fed = new Set(request.inputs);
  }

  parts(): DevicePart[] {
    const { nodes, placement, updates, outputs, defaultDevice } = this.request;
    this.constants = new Set(nodes.filter(isConstant));
    for (const node of nodes)
      if (!this.constants.has(node)) this.node(node, placement.get(node) as string);
    const homes = outputs.map((output) => placement.get(output.node) ?? defaultDevice);
    const places = homes.map((device, i) => this.local(outputs[i] as Tensor, device));
    const commits = updates.map(({ variable, value }) => {
      const device = placement.get(variable.node) as string;
      return { device, variable: this.local(variable, device), value: this.local(value, device) };
    });
    // Only now has every transfer been put in.
    return [...this.drafts].map(([device, draft]) => {
      const { inputs } = draft;
      const outputPlaces = homes.flatMap((home, i) => (home === device ? [i] : []));
      return {
        device,
        nodes: withTransfers(draft.nodes, draft.after),
        inputs,
        inputPlaces: inputs.map((input) => this.request.inputs.indexOf(input)),
        outputs: outputPlaces.map((i) => places[i] as Tensor),
        outputPlaces,
        updates: commits
          .filter((commit) => commit.device === device)
          .map(({ variable, value }) => ({ variable, value })),
      };
    });
  }

  private draft(device: string): Draft {
    let draft = this.drafts.get(device);
    if (!draft) {
      draft = { nodes: [], after: new Map(), inputs: [], moved: new Map() };
      this.drafts.set(device, draft);
    }
    return draft;
  }

  private node(node: Node, device: string): void {
    const elsewhere = this.effectsElsewhere(node, device);
    const inputs = node.inputs
      .filter((input) => !elsewhere.has(input.node))
      .map((input) => this.local(input, device));
    const controls = [
      ...node.controls.map((control) => this.control(control, device)),
      ...this.ends([...elsewhere], device),
    ];
    const draft = this.draft(device);
    const placed = withInputs(node, inputs, controls);
    draft.nodes.push(placed);
    node.outputs.forEach((output, i) => draft.moved.set(output, placed.outputs[i] as Tensor));
  }

  /** The tensor as the part of a device sees it. */
  private local(tensor: Tensor, device: string): Tensor {
    const { moved, inputs } = this.draft(device);
    const here = moved.get(tensor);
    if (here) return here;
    if (this.fed.has(tensor)) {
      inputs.push(tensor);
      moved.set(tensor, tensor);
      return tensor;
    }
    if (this.constants.has(tensor.node)) {
      this.node(tensor.node, device);
      return this.local(tensor, device);
    }
    const from = this.request.placement.get(tensor.node) as string;
    const source = this.local(tensor, from);
    const received = this.transfer(source, from, device);
    moved.set(tensor, received);
    return received;
  }

  private transfer(
    source: Tensor,
    from: string,
    to: string,
    controls: readonly Node[] = [],
  ): Tensor {
    const key = `${from};${to};${this.transfers++}`;
    const { dtype, shape } = source;
    withScope({ device: from, path: source.node.path, controls, region: undefined }, () =>
      this.leave(from, source.node, send(source, { key }).node),
    );
    return withScope(
      { device: to, path: source.node.path, controls: [], region: undefined },
      () => {
        const received = receive({ key, dtype, shape: [...(shape as KnownShape)] });
        this.draft(to).nodes.push(received.node);
        return received;
      },
    );
  }

  /** The nodes on other devices of which a node wants the effects only. */
  private effectsElsewhere({ op, inputs }: Node, device: string): ReadonlySet<Node> {
    if (!op.definition.effectsOnly) return new Set();
    const { placement } = this.request;
    const away = inputs.filter(
      ({ node }) => !this.constants.has(node) && (placement.get(node) ?? device) !== device,
    );
    return new Set(away.map(({ node }) => node));
  }

  /** For nodes of which no value is wanted: one signal from each of their devices, when all of them there have run. */
  private ends(nodes: readonly Node[], device: string): Node[] {
    const { placement } = this.request;
    const homes = [...new Set(nodes.map((node) => placement.get(node) as string))];
    return homes.map((from) => {
      const own = nodes.filter((node) => placement.get(node) === from);
      const { moved } = this.draft(from);
      const sources = own.map(({ outputs: [output] }) => moved.get(output as Tensor) as Tensor);
      return this.signal(
        sources.map(({ node }) => node),
        from,
        device,
      );
    });
  }

  /** A node on `device` that runs when all of `sources` have. */
  private signal(sources: readonly Node[], from: string, device: string): Node {
    const signal = withScope({ device: from, controls: [], region: undefined }, () => constant([]));
    const last =
      sources.length === 1
        ? sources[0]
        : this.draft(from)
            .nodes.filter((node) => sources.includes(node))
            .at(-1);
    this.leave(from, last as Node, signal.node);
    return this.transfer(signal, from, device, sources).node;
  }

  /** Puts a node right behind another: what is sent early is there when it is needed. */
  private leave(device: string, source: Node, node: Node): void {
    const { after } = this.draft(device);
    after.set(source, [...(after.get(source) ?? []), node]);
  }

  private control(control: Node, device: string): Node {
    const from = this.request.placement.get(control) as string;
    const source = this.local(control.outputs[0] as Tensor, from);
    if (from === device) return source.node;
    const signals = this.signals.get(source.node) ?? new Map<string, Node>();
    const known = signals.get(device);
    if (known) return known;
    const arrived = this.signal([source.node], from, device);
    this.signals.set(source.node, signals.set(device, arrived));
    return arrived;
  }
}

const withTransfers = (nodes: readonly Node[], after: ReadonlyMap<Node, readonly Node[]>): Node[] =>
  nodes.flatMap((node) => [node, ...withTransfers(after.get(node) ?? [], after)]);
