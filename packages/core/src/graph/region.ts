import { z } from 'zod';
import { GraphError } from '../errors.js';
import { dtypeNames } from './dtype.js';
import { Func } from './func.js';
import { makeNode, opInfo } from './op.js';
import {
  allDependencies,
  applyAgain,
  rewriteGraph,
  topologicalOrder,
  withInputs,
} from './rewrite.js';
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
  const parts = {
    op: paramOp,
    inputs: [],
    attrs: { dtype, shape: [...shape] },
    controls: [],
    device: undefined,
    path: '',
    region,
  };
  return makeNode(parts).outputs[0] as Tensor;
}

/** A traced body: what it takes from around it becomes the last parameters, one for each capture. */
export interface Traced {
  readonly func: Func;
  readonly captures: readonly Tensor[];
  /** Nodes around the body that must have run before it. */
  readonly controls: readonly Node[];
}

const within = (node: Node, region: Region): boolean => {
  for (let r = node.region; r; r = r.parent) if (r === region) return true;
  return false;
};

/**
 * Builds a body on parameters of the given dtypes and shapes, and collects what it uses from outside.
 * Errors: GRAPH_INVALID where the body sets a variable or uses a tensor of another body that has ended.
 */
export function traceRegion(
  where: string,
  specs: readonly TensorSpec[],
  build: (params: readonly Tensor[]) => readonly Tensor[],
): Traced {
  const region: Region = { parent: currentScope().region, where };
  const params = specs.map((spec) => param(spec, region));
  const results = withScope({ region, controls: [] }, () => build(params));
  return closeOver(params, results, region);
}

/** Turns every tensor that the nodes of the region take from other nodes into a parameter. */
function closeOver(params: readonly Tensor[], results: readonly Tensor[], region: Region): Traced {
  const inside = (node: Node): boolean => within(node, region);
  const roots = results.filter(({ node }) => inside(node)).map(({ node }) => node);
  const order = topologicalOrder(roots, function* (node) {
    for (const dependency of allDependencies(node)) if (inside(dependency)) yield dependency;
  });
  const local = new Map<Tensor, Tensor>(params.map((own) => [own, own]));
  const captures = new Map<Tensor, Tensor>();
  const mapped = (tensor: Tensor): Tensor => {
    const known = local.get(tensor) ?? captures.get(tensor);
    if (known) return known;
    const captured = param(tensor, region);
    captures.set(tensor, captured);
    return captured;
  };
  const controls = new Set<Node>();
  const rebuilt = new Map<Node, Node>();
  for (const node of order) {
    if (local.has(node.outputs[0] as Tensor)) continue;
    checkBelongs(node, region);
    if (node.op.role === 'read' && node.inputs.every((input) => !inside(input.node))) {
      local.set(node.outputs[0] as Tensor, mapped(readOutside(node, inside)));
      continue;
    }
    for (const control of node.controls) if (!inside(control)) controls.add(control);
    const kept = node.controls.flatMap((control) => rebuilt.get(control) ?? []);
    const copy = withInputs(node, node.inputs.map(mapped), kept);
    rebuilt.set(node, copy);
    node.outputs.forEach((output, i) => local.set(output, copy.outputs[i] as Tensor));
  }
  const ends = results.map(mapped);
  const func = new Func([...params, ...captures.values()], ends);
  return { func, captures: [...captures.keys()], controls: [...controls] };
}

/** A body sets no variable, so what it reads is what there is when it begins: after what the loop or branch comes after. */
function readOutside(node: Node, inside: (node: Node) => boolean): Tensor {
  const controls = [...currentScope().controls, ...node.controls.filter((one) => !inside(one))];
  return withScope({ controls }, () => applyAgain(node, node.inputs))[0] as Tensor;
}

function checkBelongs(node: Node, region: Region): void {
  if (node.op.role === 'update') {
    throw new GraphError('GRAPH_INVALID', node.where, {
      what: 'a variable can not be set inside the body of a loop or branch.',
      fix: 'return the new value from the body and assign it outside.',
    });
  }
  if (node.op === paramOp) throw strayTensor(node, `the body of ${region.where}`);
}

/** The error for a tensor that was taken out of the body that it belongs to. */
export const strayTensor = (node: Node, user: string): GraphError =>
  new GraphError('GRAPH_INVALID', node.region?.where ?? node.where, {
    what: `${user} uses a tensor of the body of ${node.region?.where ?? 'a loop or branch'}, which has no value outside of it.`,
    given: { tensor: node.outputs[0] as Tensor },
    fix: 'return it from that body and use the result of the loop or branch.',
  });

/** The body on other tensors in place of its parameters, as new nodes of the region that is being built. */
export function inline(func: Func, args: readonly Tensor[]): Tensor[] {
  const { region } = currentScope();
  const replacements = new Map(func.params.map((parameter, i) => [parameter, args[i] as Tensor]));
  // Every node is made anew, even one that depends on no parameter: random numbers must be drawn where the copy runs.
  return rewriteGraph(
    func.results,
    ({ op, attrs, device, path }, inputs, controls) =>
      makeNode({ op, inputs, attrs, controls, device, path, region }).outputs,
    replacements,
  ).results;
}

/** For each parameter whether the chosen results depend on it. */
export function usedParams(func: Func, results: readonly Tensor[] = func.results): boolean[] {
  const reached = new Set(topologicalOrder(results.map(({ node }) => node)));
  return func.params.map(({ node }) => reached.has(node));
}

/** The function with only the parameters and results at the given places. */
export const restricted = (
  func: Func,
  params: readonly number[],
  results: readonly number[],
): Func =>
  new Func(
    params.map((i) => func.params[i] as Tensor),
    results.map((i) => func.results[i] as Tensor),
  );

/** A traced body that takes the captures of several bodies, in one common order. */
export function widened({ func, captures }: Traced, all: readonly Tensor[]): Func {
  const own = func.params.length - captures.length;
  const places = all.map((tensor) => captures.indexOf(tensor));
  const extra = places.map((place, i) =>
    place < 0 ? param(all[i] as Tensor) : (func.params[own + place] as Tensor),
  );
  return new Func([...func.params.slice(0, own), ...extra], func.results);
}
