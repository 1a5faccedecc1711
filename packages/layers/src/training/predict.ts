import {
  type Callable,
  dtypes,
  HostTensor,
  placeholder,
  type Tensor,
  type TypedArray,
} from '@tenon/core';
import { batches } from '@tenon/data';
import type { CallContext } from '../layer.js';
import type { Model } from '../model/model.js';

export interface PredictOptions {
  readonly batchSize?: number;
}

const inference: CallContext = { training: false, update: () => {} };

/** The inference graph of a model, prepared once. */
export class Predictor {
  private readonly callable: Callable<readonly Tensor[]>;

  constructor(model: Model) {
    const inputs = model.inputs.map(({ dtype, shape }, i) =>
      placeholder({ dtype, shape, name: model.inputNames[i] as string }),
    );
    this.callable = model.session.prepare(model.run(inputs, inference), inputs);
  }

  /** Outputs for all rows, computed in batches. */
  async run(
    inputs: readonly HostTensor[],
    { batchSize = 32 }: PredictOptions,
  ): Promise<HostTensor[]> {
    const samples = inputs[0]?.shape[0] ?? 0;
    if (samples <= batchSize) return [...(await this.callable(...inputs))];
    const parts: HostTensor[][] = [];
    for (const rows of batches(inputs, { batchSize, shuffle: false }))
      parts.push([...(await this.callable(...rows))]);
    return (parts[0] as HostTensor[]).map((_, output) =>
      joined(parts.map((part) => part[output] as HostTensor)),
    );
  }
}

/** Rows of several tensors in one. */
function joined(parts: readonly HostTensor[]): HostTensor {
  const [{ dtype, shape }] = parts as [HostTensor];
  const data = new dtypes[dtype].host(
    parts.reduce((size, part) => size + part.size, 0),
  ) as TypedArray;
  let [offset, rows] = [0, 0];
  for (const part of parts) {
    (data as Float32Array).set(part.data as Float32Array, offset);
    offset += part.size;
    rows += part.shape[0] as number;
  }
  return new HostTensor(data, [rows, ...shape.slice(1)], dtype);
}
