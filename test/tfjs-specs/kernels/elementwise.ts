import * as tn from '@tenon/core';
import type { CastAttrs, ClipByValueAttrs, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs-core';
import type { Inputs, KernelTable } from '../kernel.js';

const unary =
  (op: (x: tn.Tensor) => tn.Tensor) =>
  ({ x }: Inputs) =>
    op(x);

const binary =
  (op: (a: tn.Tensor, b: tn.Tensor) => tn.Tensor) =>
  ({ a, b }: Inputs) =>
    op(a, b);

export const elementwise = {
  Abs: unary(tn.abs),
  Acos: unary(tn.acos),
  Acosh: unary(tn.acosh),
  Asin: unary(tn.asin),
  Asinh: unary(tn.asinh),
  Atan: unary(tn.atan),
  Atanh: unary(tn.atanh),
  Ceil: unary(tn.ceil),
  Cos: unary(tn.cos),
  Cosh: unary(tn.cosh),
  Elu: unary(tn.elu),
  Erf: unary(tn.erf),
  Exp: unary(tn.exp),
  Expm1: unary(tn.expm1),
  Floor: unary(tn.floor),
  Identity: unary(tn.identity),
  IsFinite: unary(tn.isFinite),
  IsInf: unary(tn.isInf),
  IsNan: unary(tn.isNaN),
  Log: unary(tn.log),
  Log1p: unary(tn.log1p),
  LogicalNot: unary(tn.logicalNot),
  Neg: unary(tn.neg),
  OnesLike: unary(tn.onesLike),
  Reciprocal: unary(tn.reciprocal),
  Relu: unary(tn.relu),
  Relu6: unary(tn.relu6),
  Round: unary(tn.round),
  Rsqrt: unary(tn.rsqrt),
  Selu: unary(tn.selu),
  Sigmoid: unary(tn.sigmoid),
  Sign: unary(tn.sign),
  Sin: unary(tn.sin),
  Sinh: unary(tn.sinh),
  Softplus: unary(tn.softplus),
  Sqrt: unary(tn.sqrt),
  Square: unary(tn.square),
  Tan: unary(tn.tan),
  Tanh: unary(tn.tanh),
  ZerosLike: unary(tn.zerosLike),

  Add: binary(tn.add),
  Atan2: binary(tn.atan2),
  BitwiseAnd: binary(tn.bitwiseAnd),
  Equal: binary(tn.equal),
  FloorDiv: binary(tn.floorDiv),
  Greater: binary(tn.greater),
  GreaterEqual: binary(tn.greaterEqual),
  Less: binary(tn.less),
  LessEqual: binary(tn.lessEqual),
  LogicalAnd: binary(tn.logicalAnd),
  LogicalOr: binary(tn.logicalOr),
  LogicalXor: binary(tn.logicalXor),
  Maximum: binary(tn.maximum),
  Minimum: binary(tn.minimum),
  Mod: binary(tn.mod),
  Multiply: binary(tn.mul),
  NotEqual: binary(tn.notEqual),
  Pow: binary(tn.pow),
  RealDiv: binary(tn.div),
  SquaredDifference: binary(tn.squaredDifference),
  Sub: binary(tn.sub),

  AddN: ({ list }) => tn.addN(list),
  Cast: ({ x }, { dtype }: CastAttrs) =>
    dtype === 'complex64'
      ? { re: tn.cast(x, { dtype: 'float32' }), im: tn.zeros({ shape: x.shape as number[] }) }
      : tn.cast(x, { dtype: dtype as tn.DType }),
  ClipByValue: ({ x }, { clipValueMin: min, clipValueMax: max }: ClipByValueAttrs) =>
    tn.clipByValue(x, { min, max }),
  EluGrad: ({ dy, y }) => tn.mul(dy, tn.where(tn.greaterEqual(y, 0), 1, tn.add(y, 1))),
  LeakyRelu: ({ x }, { alpha }: LeakyReluAttrs) => tn.leakyRelu(x, { alpha }),
  Prelu: ({ x, alpha }) => tn.prelu(x, alpha),
  Select: ({ condition, t, e }) => tn.where(condition, t, e),
  Step: ({ x }, { alpha }: StepAttrs) => tn.step(x, { alpha }),
} satisfies KernelTable;
