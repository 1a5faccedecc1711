import type { DType, Shape } from '@tenon/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Layer } from '../../src/layer.js';

/** Weights by name. */
export type Weights = Readonly<Record<string, Tensor>>;

/** One row of the table: everything that is special about a layer; the checks follow from it. */
export interface LayerCase {
  /** What the row shows. */
  readonly name: string;
  /** A new layer; the options hold the dtype. */
  readonly make: (options: { dtype: 'float32' | 'float64' }) => Layer;
  /** Shapes of the inputs; null is a size that the layer does not know, and that is `unknown` in the data. */
  readonly inputs: readonly Shape[];
  /** Whole numbers below this are fed instead of fractions. */
  readonly wholeBelow?: number;
  /** Sizes of null, axis by axis. */
  readonly unknown?: readonly number[];
  /** Shapes of the outputs for inputs of unknown sizes. */
  readonly outputs: readonly Shape[];
  /** Names, dtypes and sizes of the weights. */
  readonly weights?: Readonly<Record<string, Shape>>;
  /** The outputs in inference, by tfjs-core's operations. */
  readonly reference: (inputs: readonly Tensor[], weights: Weights) => Tensor | readonly Tensor[];
}

export const inputDType = ({ wholeBelow }: LayerCase, dtype: DType): DType =>
  wholeBelow === undefined ? dtype : 'int32';

/** The sizes of data for a row's input. */
export const knownShape = ({ unknown = [2, 3, 3, 3] }: LayerCase, shape: Shape): number[] =>
  shape.map((size, axis) => size ?? (unknown[axis] as number));
