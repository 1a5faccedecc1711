import type { Tensor } from '../graph/tensor.js';
import type { Pass } from './pass.js';
import { rewriteDeep } from './rewrite-deep.js';
import { withInputs } from '../graph/rewrite.js';

/** Placeholder body replaced by the pass's owner. */
export const deadCode: Pass = {
  name: 'deadCode',
  run: (roots: readonly Tensor[]) => rewriteDeep(roots, (node, inputs, controls, attrs) => withInputs(node, inputs, controls, attrs).outputs, (inner) => [...inner]),
};
