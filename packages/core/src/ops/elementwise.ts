import type { z } from 'zod';
import { GraphError } from '../errors.js';
import { defineOp, type Op } from '../graph/define-op.js';
import { type DType, isFloat, promote } from '../graph/dtype.js';
import type { GradientContext, OpDefinition } from '../graph/op.js';
import { broadcastShapes, type KnownShape } from '../graph/shape.js';
import type { Tensor, TensorSpec } from '../graph/tensor.js';
import { elementwise, type Formula } from '../lower/kernel-builder.js';
import type { ScalarFunction } from '../lower/scalar.js';
import { elementwiseCuts } from '../sharding/cut.js';
import { rowsOfRank } from './rows-of-rank.js';

type NoAttrs = z.ZodObject<Record<never, never>>;
export type UnaryOp = Op<readonly ['x'], NoAttrs>;
export type BinaryOp = Op<readonly ['a', 'b'], NoAttrs>;

type Unary = OpDefinition<readonly ['x'], NoAttrs>;
type Binary = OpDefinition<readonly ['a', 'b'], NoAttrs>;

/** Integers and bool become float32; floats stay. */
export const floatLike = ({ dtype, shape }: TensorSpec): TensorSpec => ({
  dtype: isFloat(dtype) ? dtype : 'float32',
  shape,
});

interface UnaryRow {
  readonly name: string;
  readonly fn: ScalarFunction | Formula;
  /** `float`: integers become float32 first; `same`: every dtype stays what it is; `bool`: the result is bool. */
  readonly result: 'float' | 'same' | 'bool';
  readonly grad: Unary['grad'];
  readonly simplify?: (x: Tensor) => Tensor | null;
}

/** An op that applies a scalar function of the loop IR, or a formula of them, to every element. */
export function defineUnary({ name, fn, result, grad, simplify }: UnaryRow): UnaryOp {
  const definition: Unary = {
    name,
    inputs: ['x'],
    infer({ x }) {
      if (result === 'float') return floatLike(x);
      return { dtype: result === 'bool' ? 'bool' : x.dtype, shape: x.shape };
    },
    grad,
    lower: ({ inputs, output }) =>
      elementwise(fn, [inputs.x], output, result === 'bool' ? inputs.x.dtype : output.dtype),
    ...(simplify ? { simplify: ({ x }) => simplify(x) } : {}),
    overRows: ({ x }) => op(x),
    cuts: ({ x }) => elementwiseCuts([x], x.shape as KnownShape),
  };
  const op = defineOp(definition) as UnaryOp;
  return op;
}

interface BinaryRow {
  readonly name: string;
  readonly fn: ScalarFunction | Formula;
  /** `same`: the promoted dtype; `float`: at least float32; `bool`: comparisons; `logical`: bool only; `integer`: integers only. */
  readonly result: 'same' | 'float' | 'bool' | 'logical' | 'integer';
  readonly grad:
    | null
    | 'zero'
    | ((context: GradientContext<readonly ['a', 'b']>) => { a?: Tensor | null; b?: Tensor | null });
  readonly simplify?: (inputs: { a: Tensor; b: Tensor }) => Tensor | null;
  readonly adds?: boolean;
}

const operandDType = (row: BinaryRow, a: TensorSpec, b: TensorSpec): DType => {
  const dtype = promote(a.dtype, b.dtype);
  return row.result === 'float' && !isFloat(dtype) ? 'float32' : dtype;
};

function checkOperands({ name, result }: BinaryRow, given: { a: Tensor; b: Tensor }): void {
  const dtype = promote(given.a.dtype, given.b.dtype);
  const wrong =
    (result === 'logical' && dtype !== 'bool') || (result === 'integer' && isFloat(dtype));
  if (!wrong) return;
  throw new GraphError('DTYPE_MISMATCH', name, {
    what: `takes ${result === 'logical' ? 'bool' : 'integer'} tensors only.`,
    given,
    fix: `cast the inputs, for example cast(x, { dtype: '${result === 'logical' ? 'bool' : 'int32'}' }).`,
  });
}

/** An op on two tensors that are broadcast to one shape and promoted to one dtype. */
export function defineBinary(row: BinaryRow): BinaryOp {
  const { name, fn, result, grad, simplify, adds = false } = row;
  const definition: Binary = {
    name,
    inputs: ['a', 'b'],
    broadcasts: true,
    adds,
    infer(given) {
      checkOperands(row, given);
      const { a, b } = given;
      return {
        dtype: result === 'bool' ? 'bool' : operandDType(row, a, b),
        shape: broadcastShapes({ a, b }, name),
      };
    },
    grad,
    lower: ({ inputs: { a, b }, output }) =>
      elementwise(fn, [a, b], output, operandDType(row, a, b)),
    ...(simplify ? { simplify } : {}),
    overRows({ a, b }, _attrs, stacked) {
      const rank = Math.max(a.rank - Number(stacked.a), b.rank - Number(stacked.b));
      return op(stacked.a ? rowsOfRank(a, rank) : a, stacked.b ? rowsOfRank(b, rank) : b);
    },
    cuts: ({ a, b }) => elementwiseCuts([a, b], broadcastShapes({ a, b }, name) as KnownShape),
  };
  const op = defineOp(definition) as BinaryOp;
  return op;
}
