import type { DType, ErrorCode, NestedArray, Tensor } from '@tenon/core';
import type * as tf from '@tensorflow/tfjs-core';

/** Known input and output, where values of a reference are not enough: edges, overflow, ties. */
export interface ExactCase {
  readonly why: string;
  readonly in: readonly NestedArray[];
  /** The output; of an op with several outputs, a list of them. */
  readonly out: NestedArray | readonly NestedArray[];
  /** dtype of the inputs that `inputDTypes` does not fix; the first of the row's dtypes when left out. */
  readonly dtype?: DType;
  /** Relative; 1e-6 when left out, 1e-3 and 1e-2 in half precision. Zeros with their signs, NaN and infinities must always be met. */
  readonly tolerance?: number;
}

/** An application that must be refused. */
export interface RejectedCase {
  readonly why: string;
  readonly build: () => unknown;
  readonly code: ErrorCode;
}

/**
 * One row of the op table: an op with attributes already applied. Values, gradients, dtypes, shapes and devices follow from it.
 * Several rows may exercise one op with other attributes.
 */
export interface OpCase {
  /** `conv2d, stride 2, same padding` */
  readonly name: string;
  /** Applies the op; several outputs are compared one by one. */
  readonly op: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  /** The same in TensorFlow.js on its CPU backend, on float32 (or int32, bool) tensors. */
  readonly reference?: (...inputs: never[]) => tf.Tensor | readonly tf.Tensor[];
  /** The same as a formula on plain nested arrays, in float64. Used where there is no reference. */
  readonly formula?: (...inputs: never[]) => NestedArray | readonly NestedArray[];
  /** Lists of input shapes: scalar, empty, odd and ordinary ones. */
  readonly shapes: readonly (readonly (readonly number[])[])[];
  /** Range of random inputs, for all or one for each; [-2, 2] when left out, [-5, 5] for integers. `integer` draws whole numbers. */
  readonly domain?: Domain | readonly Domain[];
  /** dtypes of the inputs that the op is declared for; float32, float64, float16 and bfloat16 when left out. One list, applied to all inputs unless `inputDTypes` fixes some. */
  readonly dtypes?: readonly DType[];
  /** dtype of inputs that is fixed, by place: `[null, 'int32']`. */
  readonly inputDTypes?: readonly (DType | null)[];
  /** Whether to compare with numeric gradients in float64: default true where the op is differentiable; or a reason why not. */
  readonly gradient?: boolean | { readonly skipped: string };
  /** Why sizes can not be left unknown for this op, where that is so. */
  readonly unknownShapes?: { readonly skipped: string };
  /** Relative and absolute tolerance in float32; 1e-5 when left out, scaled up for half precision. */
  readonly tolerance?: number;
  readonly exact?: readonly ExactCase[] | undefined;
  readonly rejects?: readonly RejectedCase[] | undefined;
}

export interface Domain {
  readonly from: number;
  readonly to: number;
  readonly integer?: boolean;
  /** Keep 0.05 away from points where the derivative jumps, for example 0 for relu. */
  readonly avoid?: readonly number[];
}
