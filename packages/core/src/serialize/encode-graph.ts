import { create } from '@bufbuild/protobuf';
import { GraphError } from '../errors.js';
import type { Func } from '../graph/func.js';
import type { HostTensor } from '../graph/host-tensor.js';
import type { OpInfo } from '../graph/op.js';
import type { Node as GraphNode, Tensor } from '../graph/tensor.js';
import { encodeAttributes, encodeTensor, type Tables } from './encode-values.js';
import {
  type Function as FunctionDef,
  FunctionSchema,
  type Node,
  NodeSchema,
  type Output,
  OutputSchema,
  type TensorValue,
} from './gen/graph_pb.js';
import { initialOf, storedOrder } from './reachable.js';

/** Tensors, functions and ops, each stored once however often it is referred to. */
export class Library implements Tables {
  readonly tensors: TensorValue[] = [];
  readonly functions: FunctionDef[] = [];
  private readonly tensorIndices = new Map<HostTensor, number>();
  private readonly functionIndices = new Map<Func, number>();
  private readonly ops = new Map<string, OpInfo>();

  tensor(value: HostTensor): number {
    let index = this.tensorIndices.get(value);
    if (index === undefined) {
      index = this.tensors.push(encodeTensor(value)) - 1;
      this.tensorIndices.set(value, index);
    }
    return index;
  }

  /** The functions inside are stored before. */
  function(func: Func): number {
    let index = this.functionIndices.get(func);
    if (index === undefined) {
      const table = new NodeTable(this);
      table.add([...func.params, ...func.results]);
      const encoded = create(FunctionSchema, {
        nodes: table.nodes,
        params: func.params.map((param) => table.output(param).node),
        results: func.results.map((result) => table.output(result)),
      });
      index = this.functions.push(encoded) - 1;
      this.functionIndices.set(func, index);
    }
    return index;
  }

  /** Errors: NAME_TAKEN. */
  op(op: OpInfo): string {
    const known = this.ops.get(op.name);
    if (known && known !== op) {
      throw new GraphError('NAME_TAKEN', 'encodeGraph', {
        what: `two different ops are named ${op.name}; a reader could not tell them apart.`,
        fix: 'rename one of them.',
      });
    }
    this.ops.set(op.name, op);
    return op.name;
  }
}

/** The nodes of a graph or function in an order in which each refers only to nodes before it. */
export class NodeTable {
  readonly nodes: Node[] = [];
  private readonly library: Library;
  private readonly indices = new Map<GraphNode, number>();

  constructor(library: Library) {
    this.library = library;
  }

  /** Adds what the tensors depend on. */
  add(tensors: readonly Tensor[]): void {
    for (const node of storedOrder(tensors)) this.addNode(node, initialOf(node));
  }

  /** The reference to a tensor that was added. */
  output({ node, index }: Tensor): Output {
    return create(OutputSchema, { node: this.indices.get(node) as number, index });
  }

  /** Adds a node; what it depends on must have been added. */
  addNode(node: GraphNode, initial?: Tensor): void {
    const { op, inputs, attrs, controls, device, path } = node;
    const encoded = create(NodeSchema, {
      op: this.library.op(op),
      inputs: inputs.map((input) => this.output(input)),
      attributes: encodeAttributes(attrs, this.library, node.where),
      controls: controls.map((control) => this.indices.get(control) as number),
      path,
      ...(device === undefined ? {} : { device }),
      ...(initial ? { initial: this.output(initial) } : {}),
    });
    this.indices.set(node, this.nodes.push(encoded) - 1);
  }
}
