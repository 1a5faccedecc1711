import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  add,
  cond,
  constant,
  type ErrorCode,
  encodeGraph,
  exp,
  gradients,
  greater,
  hostTensor,
  matMul,
  placeholder,
  recompute,
  scan,
  split,
  sum,
  type Tensor,
  tanh,
  variable,
} from '@tenon/core';
import {
  type GraphDef,
  GraphDefSchema,
  type Node,
  ValueSchema,
} from '../../src/serialize/gen/graph_pb.js';

/** A training graph with functions, gradients, constants and variables. */
function realGraph(): Uint8Array {
  const x = placeholder({ shape: [null, 3], name: 'x' });
  const w = variable([[0.1], [0.2], [0.3]], { name: 'w' });
  const y = sum(tanh(matMul(x, w)));
  const { carry } = scan(
    ([h], [row]) => ({
      carry: [
        cond(
          greater(sum(row as Tensor), 0),
          () => add(h as Tensor, row as Tensor),
          () => exp(h as Tensor),
        ),
      ],
    }),
    {
      initial: [[1, 2, 3]],
      sequences: [x],
    },
  );
  const again = recompute((a: Tensor) => exp(a))(carry[0] as Tensor);
  return encodeGraph({
    fetches: {
      y,
      dw: gradients(y, [w]),
      parts: [split(x, { sizes: 3, axis: 1 }), again],
      c: constant(hostTensor([1n, 2n])),
    },
  });
}

export const real = realGraph();

/** The real graph with one change. */
export function changed(change: (message: GraphDef) => void): Uint8Array {
  const message = fromBinary(GraphDefSchema, real);
  change(message);
  return toBinary(GraphDefSchema, message);
}

export const nodeNamed = ({ nodes }: GraphDef, op: string): Node =>
  nodes.find((node) => node.op === op) as Node;
export const attribute = (
  node: Node,
  name: string,
  kind: Parameters<typeof create<typeof ValueSchema>>[1],
) => {
  const field = node.attributes.find((one) => one.name === name);
  if (!field) throw new Error(`${node.op} has no attribute ${name}`);
  field.value = create(ValueSchema, kind);
};
export const first = <T>(list: readonly T[]): T => list[0] as T;
export const number = (value: number) => ({ kind: { case: 'number', value } as const });

export interface Hostile {
  readonly why: string;
  readonly change: (message: GraphDef) => void;
  readonly code?: ErrorCode;
  readonly says: RegExp;
}
