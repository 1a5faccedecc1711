import { Func } from '../graph/func.js';
import { makeNode, namedInputs, type OpInfo, parseAttrs } from '../graph/op.js';
import type { Region } from '../graph/scope.js';
import { checkedShape, type KnownShape, sameShape, shapesAgree } from '../graph/shape.js';
import { Node as GraphNode, type NodeParts, type Tensor } from '../graph/tensor.js';
import { Variable } from '../graph/variable.js';
import { decodeFields } from './decode-values.js';
import { guarded, refuse } from './format.js';
import type { Function as FunctionDef, Node, Output } from './gen/graph_pb.js';
import type { Shelf } from './shelf.js';

/** Builds nodes one after the other; each can refer only to those before it. */
export class NodeReader {
  readonly nodes: GraphNode[] = [];
  private readonly shelf: Shelf;
  private readonly place: string;
  private readonly region: Region | undefined;

  constructor(shelf: Shelf, place: string, region?: Region) {
    this.shelf = shelf;
    this.place = place;
    this.region = region;
  }

  /** Errors: FORMAT_INVALID, NAME_UNKNOWN, SHAPE_MISMATCH, SHAPE_INVALID. */
  read(messages: readonly Node[]): void {
    this.shelf.count(messages.length, this.place);
    for (const message of messages) {
      const where = `${this.place}.nodes[${this.nodes.length}] ${message.op}`;
      this.nodes.push(guarded(where, () => this.node(message, where)));
    }
  }

  output(reference: Output | undefined, where: string): Tensor {
    if (!reference) return refuse(where, 'it refers to nothing.');
    const { node, index } = reference;
    return (
      this.nodes[node]?.outputs[index] ??
      refuse(where, `there is no output ${index} of a node ${node} before it.`)
    );
  }

  private initial({ initial }: Node, where: string): Tensor | undefined {
    return initial || this.shelf.needsInitial ? this.output(initial, where) : undefined;
  }

  private node(message: Node, where: string): GraphNode {
    const op = this.shelf.ops.find(message.op, where);
    const parts: NodeParts = {
      op,
      inputs: message.inputs.map((input) => this.output(input, where)),
      attrs: parseAttrs(op, decodeFields(message.attributes, this.shelf, where)),
      controls: message.controls.map(
        (i) => this.nodes[i] ?? refuse(where, `there is no node ${i} before it to wait for.`),
      ),
      device: message.device,
      path: message.path,
      region: this.region,
    };
    checkArity(op, parts.inputs.length, where);
    if (op.role === 'variable') return variableNode(parts, this.initial(message, where), where);
    if (message.initial) refuse(where, 'only variables have a first value.');
    const node = makeNode(parts);
    checkBodies(node, where);
    return node;
  }
}

function checkArity({ inputNames }: OpInfo, count: number, where: string): void {
  const variadic = inputNames.at(-1)?.startsWith('...') ?? false;
  const least = inputNames.length - (variadic ? 1 : 0);
  if (count < least || (count > least && !variadic))
    refuse(where, `it takes ${least} inputs and has ${count}.`);
}

function variableNode(parts: NodeParts, initial: Tensor | undefined, where: string): GraphNode {
  if (parts.inputs.length > 0 || parts.controls.length > 0)
    refuse(where, 'a variable depends on nothing.');
  if (parts.region) refuse(where, 'a function can not hold a variable.');
  const { dtype, shape } = parts.attrs as { dtype: Tensor['dtype']; shape: KnownShape };
  checkedShape(shape, where);
  if (!initial) return new GraphNode(parts, [{ dtype, shape }]);
  if (initial.dtype !== dtype || !sameShape(initial.shape, shape))
    refuse(where, 'its first value is not of its dtype and shape.');
  return new GraphNode(
    parts,
    [{ dtype, shape }],
    (owner, _index, spec) => new Variable(owner, spec, { initial, beside: undefined }),
  );
}

/** Functions in attributes take what the inputs give them. */
function checkBodies(node: GraphNode, where: string): void {
  const { op, inputs, attrs } = node;
  const bodies = op.definition.bodies?.(namedInputs(op, inputs) as never, attrs as never) ?? {};
  for (const [name, specs] of Object.entries(bodies)) {
    const body = attrs[name];
    const fits =
      body instanceof Func &&
      body.params.length === specs.length &&
      specs.every(
        ({ dtype, shape }, i) =>
          body.params[i]?.dtype === dtype && shapesAgree(body.params[i].shape, shape),
      );
    if (!fits) refuse(where, `its inputs do not fit the parameters of ${name}.`);
  }
}

/** A function that reaches nothing but its parameters and constants. Errors: those of NodeReader. */
export function decodeFunction(message: FunctionDef, shelf: Shelf, where: string): Func {
  const reader = new NodeReader(shelf, where, { parent: undefined, where });
  reader.read(message.nodes);
  const params = message.params.map((node) =>
    reader.output({ $typeName: 'tenon.graph.v1.Output', node, index: 0 }, where),
  );
  const own = new Set(params);
  if (own.size !== params.length) refuse(where, 'it names a parameter twice.');
  if (params.some(({ node }) => node.op.role !== 'input'))
    refuse(where, 'a parameter is computed.');
  for (const { op, outputs } of reader.nodes) {
    if (op.role === 'update') refuse(where, 'a function can not set a variable.');
    if (op.role === 'input' && !own.has(outputs[0] as Tensor))
      refuse(where, 'it has an input that is not a parameter.');
  }
  return new Func(
    params,
    message.results.map((result) => reader.output(result, where)),
  );
}
