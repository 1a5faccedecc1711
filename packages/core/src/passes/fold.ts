import { JsDevice } from '../devices/js/device.js';
import { constantOp } from '../graph/constant.js';
import { Func } from '../graph/func.js';
import { makeNode } from '../graph/op.js';
import { withInputs } from '../graph/rewrite.js';
import { sizeOf } from '../graph/shape.js';
import type { Attrs, Node, Tensor } from '../graph/tensor.js';
import { lowerPart } from '../lower/lower.js';
import { Rendezvous } from '../runtime/rendezvous.js';
import type { Pass } from './pass.js';
import { rewriteDeep } from './rewrite-deep.js';

/** Computes what depends on constants only, once, by the interpreter. Large results stay in the graph: they cost memory, not time. */
export const fold: Pass = { name: 'fold', run: foldConstants };

const largestResult = 4096;

function foldConstants(roots: readonly Tensor[]): Tensor[] {
  const device = new JsDevice();
  return rewriteDeep(
    roots,
    (node, inputs, controls, attrs) => {
      const rebuilt = withInputs(node, inputs, controls, attrs);
      return foldable(rebuilt) ? folded(rebuilt, device) : rebuilt.outputs;
    },
    foldConstants,
  );
}

const foldable = ({ op, inputs, controls, outputs, attrs }: Node): boolean =>
  op.role === 'pure' &&
  op !== constantOp &&
  controls.length === 0 &&
  op.definition.lower !== undefined &&
  inputs.every(({ node }) => node.op === constantOp) &&
  outputs.every(({ shape }) => sizeOf(shape) <= largestResult) &&
  !hasFunctions(attrs);

// A branch or loop may fail or not end; that must happen in the run, if at all.
const hasFunctions = (attrs: Attrs): boolean =>
  Object.values(attrs).some((value) => value instanceof Func);

function folded(node: Node, device: JsDevice): readonly Tensor[] {
  const constants = [...new Set(node.inputs.map((input) => input.node))];
  const program = lowerPart({
    inputs: [],
    outputs: node.outputs,
    updates: [],
    nodes: [...constants, node],
  });
  const executable = device.compile(program, []);
  try {
    executable.run({ seed: [0, 0], step: 0, rendezvous: new Rendezvous() });
  } catch {
    // An index out of range is an error of the run, not of its preparation.
    return node.outputs;
  }
  const { device: home, path } = node;
  return node.outputs.map((_, i) => {
    const attrs = { value: executable.read(i) };
    const parts = {
      op: constantOp,
      inputs: [],
      attrs,
      controls: [],
      device: home,
      path,
      region: undefined,
    };
    return makeNode(parts).outputs[0] as Tensor;
  });
}
