import { z } from 'zod';
import { GraphError } from '../errors.js';
import { constantOf, snapshot, type TensorLike } from './constant.js';
import { type DType, dtypeNames } from './dtype.js';
import { opInfo, parseAttrs } from './op.js';
import { currentScope } from './scope.js';
import { checkedShape, isKnown, type KnownShape, sameShape } from './shape.js';
import { Node, type NodeParts, Tensor, type TensorSpec } from './tensor.js';

const attrs = z.strictObject({
  name: z.string().min(1),
  dtype: z.enum(dtypeNames),
  shape: z.array(z.number()),
  trainable: z.boolean(),
});

/** State that a session keeps between runs; used as a tensor it reads the value from before the run. */
export const variableOp = /* @__PURE__ */ opInfo({
  name: 'variable',
  inputs: [],
  attrs,
  role: 'variable',
  infer: (_inputs, { dtype, shape }) => ({ dtype, shape }),
  grad: () => ({}),
});

let made = 0;

/** A variable is the tensor of its value before the run. Its value lives in each session, under this object's identity. */
export class Variable extends Tensor {
  /** Gives the first value: evaluated by a session when it first needs the variable. */
  readonly initial: Tensor;
  /** The variable beside which it lies in every session, in the same pieces where the shapes are the same. */
  readonly beside: Variable | undefined;
  /** Rises with every variable that is made: memory is laid out in this order. */
  readonly age = made++;

  constructor(
    node: Node,
    spec: TensorSpec,
    { initial, beside }: { initial: Tensor; beside: Variable | undefined },
  ) {
    super(node, 0, spec);
    this.initial = initial;
    this.beside = beside;
  }

  declare readonly shape: KnownShape;

  get name(): string {
    return this.node.attrs.name as string;
  }

  get trainable(): boolean {
    return this.node.attrs.trainable as boolean;
  }
}

export interface VariableOptions {
  /** For checkpoints and errors; prefixed by the scope's path. */
  readonly name?: string;
  readonly dtype?: DType;
  readonly shape?: KnownShape;
  /** Whether optimizers change it by default. */
  readonly trainable?: boolean;
  /** Another variable that it belongs to, as an optimizer's state does: it lies on the same device, whatever the scope says. */
  readonly beside?: Variable;
}

/** A variable that starts as `initial`: data, or an expression such as `randomNormal`. Errors: VALUE_INVALID, SHAPE_UNKNOWN. */
export function variable(initial: TensorLike, options: VariableOptions = {}): Variable {
  const { path, device } = currentScope();
  const { beside } = options;
  const name = [path, options.name ?? 'variable'].filter((part) => part !== '').join('/');
  const start = initialTensor(initial, options, name);
  const { dtype, shape } = start;
  if (!isKnown(shape)) {
    throw new GraphError('SHAPE_UNKNOWN', name, {
      what: 'the initial value of a variable must have a known shape.',
      given: { initial: start },
    });
  }
  const parts: NodeParts = {
    op: variableOp,
    inputs: [],
    attrs: parseAttrs(variableOp, { name, dtype, shape, trainable: options.trainable ?? true }),
    controls: [],
    device: beside ? beside.node.device : device,
    path,
    region: undefined,
  };
  const node = new Node(
    parts,
    [{ dtype, shape }],
    (owner, _index, spec) => new Variable(owner, spec, { initial: start, beside }),
  );
  return node.outputs[0] as Variable;
}

function initialTensor(
  initial: TensorLike,
  { dtype, shape }: VariableOptions,
  name: string,
): Tensor {
  if (shape) checkedShape(shape, name);
  if (initial instanceof Tensor) {
    if ((shape && !sameShape(initial.shape, shape)) || (dtype && dtype !== initial.dtype)) {
      throw new GraphError('SHAPE_MISMATCH', name, {
        what: `the initial value is not ${dtype ?? initial.dtype}[${shape ?? initial.shape}].`,
        given: { initial },
      });
    }
    return initial;
  }
  return constantOf(snapshot(initial, { dtype, shape, where: name }), undefined, name);
}

/** The variable behind a tensor, if it is one. */
export const asVariable = (tensor: Tensor): Variable | undefined =>
  tensor instanceof Variable ? tensor : undefined;
