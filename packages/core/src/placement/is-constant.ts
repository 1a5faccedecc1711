import type { Node } from '../graph/tensor.js';
import { lowering } from '../lower/lower.js';

/** Whether a node is a constant of programs: every device that needs it has it. */
export const isConstant = (node: Node): boolean => {
  const { op, inputs, controls } = node;
  if (op.role !== 'pure' || inputs.length + controls.length > 0) return false;
  return op.definition.lower !== undefined && lowering(node).kind === 'constant';
};
