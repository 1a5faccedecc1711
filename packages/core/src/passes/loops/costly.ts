import { dtypes } from '../../graph/dtype.js';
import { sizeOf } from '../../graph/shape.js';
import type { Node, Tensor } from '../../graph/tensor.js';
import type { Expression, Statement } from '../../lower/loop-ir.js';
import { lowering } from '../../lower/lower.js';
import type { ScalarFunction } from '../../lower/scalar.js';

/** Functions that cost more than to read their result from memory. */
const costlyFunctions = {
  exp: true,
  log: true,
  sin: true,
  cos: true,
  atan: true,
  tanh: true,
  erf: true,
  sigmoid: true,
  pow: true,
  mod: false,
  neg: false,
  abs: false,
  sign: false,
  floor: false,
  ceil: false,
  round: false,
  sqrt: false,
  rsqrt: false,
  reciprocal: false,
  not: false,
  isNaN: false,
  isFinite: false,
  add: false,
  sub: false,
  mul: false,
  div: false,
  min: false,
  max: false,
  and: false,
  or: false,
  xor: false,
  shiftLeft: false,
  shiftRight: false,
  shiftRightLogical: false,
  equal: false,
  less: false,
} satisfies Record<ScalarFunction, boolean>;

/** Whether it is cheaper to keep the results of a node than to compute them again: products, folds, loops, transcendental functions. */
export function isCostly(node: Node): boolean {
  if (node.op.definition.lower === undefined) return false;
  const lowered = lowering(node);
  switch (lowered.kind) {
    case 'template':
    case 'region':
      return true;
    case 'loop':
      return lowered.kernel.body.some(costlyStatement);
    default:
      return false;
  }
}

/** Whether a node is a kernel that is written by hand, which is the better the more it is given at once. */
export const isTemplate = (node: Node): boolean =>
  node.op.definition.lower !== undefined && lowering(node).kind === 'template';

/** Whether every element of the result is one of the first input. */
export function isCopy(node: Node): boolean {
  if (node.op.role !== 'pure' || node.op.definition.lower === undefined) return false;
  const lowered = lowering(node);
  if (lowered.kind === 'alias') return lowered.input === 0;
  return lowered.kind === 'loop' && lowered.kernel.body.every(copies);
}

function copies(statement: Statement): boolean {
  if (statement.kind === 'for') return statement.body.every(copies);
  if (statement.kind !== 'store') return false;
  const { value } = statement;
  return value.kind === 'load' && value.buffer === 0 && value.bounds.length === 0;
}

function costlyStatement(statement: Statement): boolean {
  switch (statement.kind) {
    case 'for':
      return statement.body.some(costlyStatement);
    case 'accumulate':
      return true;
    case 'set':
    case 'store':
      return costlyExpression(statement.value);
    case 'barrier':
      return false;
  }
}

function costlyExpression(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return costlyFunctions[expression.fn] || expression.args.some(costlyExpression);
    case 'select':
      return [expression.condition, expression.whenTrue, expression.whenFalse].some(
        costlyExpression,
      );
    case 'cast':
    case 'bitcast':
      return costlyExpression(expression.value);
    case 'load':
    case 'const':
    case 'index':
    case 'register':
      return false;
  }
}

export const bytesOf = ({ dtype, shape }: Tensor): number => sizeOf(shape) * dtypes[dtype].bytes;
