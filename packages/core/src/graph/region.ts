import { GraphError } from '../errors.js';
import { z } from 'zod';
import { dtypeNames } from './dtype.js';
import { Func } from './func.js';
import { makeNode, opInfo } from './op.js';
import { substitute, topologicalOrder } from './rewrite.js';
import { currentScope, type Region, withScope } from './scope.js';
import type { Node, Tensor, TensorSpec } from './tensor.js';

/** A parameter of a nested function. */
export const paramOp = /* @__PURE__ */ opInfo({
  name: 'param',
  inputs: [],
  attrs: z.strictObject({ dtype: z.enum(dtypeNames), shape: z.array(z.number().nullable()) }),
  role: 'input',
  infer: (_inputs, { dtype, shape }) => ({ dtype, shape }),
  grad: () => ({}),
});

export function param({ dtype, shape }: TensorSpec, region?: Region): Tensor {
  const parts = { op: paramOp, inputs: [], attrs: { dtype, shape: [...shape] }, controls: [], device: undefined, path: '', region };
  return makeNode(parts).outputs[0] as Tensor;
}

/** A traced body: what it takes from around it becomes the last parameters, one for each capture. */
export interface Traced {
  readonly func: Func;
  readonly captures: readonly Tensor[];
}

const within = (node: Node, region: Region): boolean => {
  for (let r = node.region; r; r = r.parent) if (r === region) return true;
  return false;
};

/** Builds a body on parameters of the given dtypes and shapes, and collects what it uses from outside. */
export function traceRegion(
  where: string,
  specs: readonly TensorSpec[],
  build: (params: readonly Tensor[]) => readonly Tensor[],
): Traced {
  const region: Region = { parent: currentScope().region, where };
  const params = specs.map((spec) => param(spec, region));
  const results = withScope({ region, controls: [] }, () => build(params));
  return closeOver(params, results, (node) => within(node, region));
}

/** Turns every tensor that `inside` nodes take from other nodes into a parameter. */
export function closeOver(
  params: readonly Tensor[],
  results: readonly Tensor[],
  inside: (node: Node) => boolean,
): Traced {
  const own = new Set(params);
  const captures = new Map<Tensor, Tensor>();
  const capture = (tensor: Tensor) => {
    if (!own.has(tensor) && !inside(tensor.node) && !captures.has(tensor)) captures.set(tensor, param(tensor));
  };
  results.forEach(capture);
  const roots = results.filter(({ node }) => inside(node)).map(({ node }) => node);
  const order = topologicalOrder(roots, function* (node) {
    for (const input of node.inputs) if (inside(input.node)) yield input.node;
  });
  for (const node of order) {
    if (node.op.role === 'update') {
      throw new GraphError('GRAPH_INVALID', node.where, {
        what: 'a variable can not be set inside the body of a loop or branch.',
        fix: 'return the new value from the body and assign it outside.',
      });
    }
    node.inputs.forEach(capture);
  }
  const outside = [...captures.keys()];
  const func = new Func([...params, ...outside.map((tensor) => captures.get(tensor) as Tensor)], substitute(results, captures));
  return { func, captures: outside };
}

/** The body on other tensors in place of its parameters. */
export function inline(func: Func, args: readonly Tensor[]): Tensor[] {
  return substitute(func.results, new Map(func.params.map((parameter, i) => [parameter, args[i] as Tensor])));
}
