import type { Described } from '../errors.js';
import type { DType, TypedArray } from './dtype.js';
import type { NestedArray } from './host-tensor.js';
import type { OpInfo } from './op.js';
import type { Region } from './scope.js';
import { type Shape, sizeOf } from './shape.js';

/** dtype and shape of a value. */
export interface TensorSpec extends Described {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Attributes of a node: plain data, host tensors and functions, as the op's schema says. */
export type Attrs = Readonly<Record<string, unknown>>;

/** What a node is built from. */
export interface NodeParts {
  readonly op: OpInfo;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly controls: readonly Node[];
  readonly device: string | undefined;
  readonly path: string;
  readonly region: Region | undefined;
}

/** One application of an op: immutable, reachable only through its outputs and control edges. */
export class Node {
  readonly op: OpInfo;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly controls: readonly Node[];
  readonly device: string | undefined;
  readonly path: string;
  readonly region: Region | undefined;
  readonly outputs: readonly Tensor[];

  constructor(
    parts: NodeParts,
    specs: readonly TensorSpec[],
    output: (node: Node, index: number, spec: TensorSpec) => Tensor = (node, index, spec) =>
      new Tensor(node, index, spec),
  ) {
    this.op = parts.op;
    this.inputs = parts.inputs;
    this.attrs = parts.attrs;
    this.controls = parts.controls;
    this.device = parts.device;
    this.path = parts.path;
    this.region = parts.region;
    this.outputs = specs.map((spec, index) => output(this, index, spec));
  }

  /** Where errors say that this node is: the path of layers and the op's name. */
  get where(): string {
    return this.path === '' ? this.op.name : `${this.path}/${this.op.name}`;
  }
}

/** An expression: one output of a node, with the dtype and as much of the shape as is known. */
export class Tensor implements TensorSpec {
  readonly node: Node;
  /** Which output of the node. */
  readonly index: number;
  readonly dtype: DType;
  readonly shape: Shape;

  constructor(node: Node, index: number, spec: TensorSpec) {
    this.node = node;
    this.index = index;
    this.dtype = spec.dtype;
    this.shape = spec.shape;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. Errors: SHAPE_UNKNOWN. */
  get size(): number {
    return sizeOf(this.shape, this.node.where);
  }

  /** The values, computed by the default session. */
  async data(): Promise<TypedArray> {
    return (await this.evaluate()).data;
  }

  /** The values nested in arrays, computed by the default session. */
  async array(): Promise<NestedArray> {
    return (await this.evaluate()).array();
  }

  /** Writes dtype, shape and values to the console. */
  async print(): Promise<void> {
    const { formatTensor } = await import('./print.js');
    console.log(formatTensor(await this.evaluate()));
  }

  // Loaded when the first value is asked for: building graphs needs no engine.
  private async evaluate() {
    const { defaultSession } = await import('../runtime/default-session.js');
    return defaultSession().run(this);
  }
}
