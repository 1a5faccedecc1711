import { withInputs } from '../graph/rewrite.js';
import { attributeKey, identityOf } from '../graph/structure.js';
import type { Attrs, Node, Tensor } from '../graph/tensor.js';
import { hasEffects } from './effects.js';
import type { Pass } from './pass.js';
import { rewriteDeep } from './rewrite-deep.js';

/** Computes equal expressions once: the same op on the same inputs with the same attributes, on the same device. */
export const commonSubexpressions: Pass = { name: 'commonSubexpressions', run: merge };

function merge(roots: readonly Tensor[]): Tensor[] {
  const seen = new Map<string, readonly Tensor[]>();
  return rewriteDeep(
    roots,
    (node, inputs, controls, attrs) => {
      const rebuilt = withInputs(node, inputs, controls, attrs);
      if (!mergeable(rebuilt)) return rebuilt.outputs;
      const key = applicationKey(node, inputs, controls, attrs);
      const before = seen.get(key);
      if (before) return before;
      seen.set(key, rebuilt.outputs);
      return rebuilt.outputs;
    },
    merge,
  );
}

// Random ops are seeded: the same op with the same seed gives the same numbers in one run.
export const mergeable = (node: Node): boolean =>
  (node.op.role === 'pure' || node.op.role === 'random') && !hasEffects(node);

/** A key that two applications share exactly if they compute the same. */
export function applicationKey(
  node: Node,
  inputs: readonly Tensor[],
  controls: readonly Node[],
  attrs: Attrs,
): string {
  const ids = inputs.map((input) => `${identityOf(input.node)}.${input.index}`);
  return `${identityOf(node.op)}(${ids})^${controls.map(identityOf)}@${node.device ?? ''} ${attributeKey(attrs)}`;
}
