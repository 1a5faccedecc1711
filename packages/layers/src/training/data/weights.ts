import { GraphError, HostTensor, hostTensor, type TensorData } from '@tenon/core';

export interface WeightOptions {
  readonly sampleWeight?: TensorData | undefined;
  /** Weight of the examples of each class number. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined;
}

/**
 * Sample weights times the weights of the examples' classes. Shapes: targets [batch, ...] -> [batch].
 * Errors: FEED_INVALID for a class without a weight, ATTRIBUTE_INVALID for classes of several outputs.
 */
export function exampleWeights(
  targets: readonly HostTensor[],
  { sampleWeight, classWeight }: WeightOptions,
): HostTensor | undefined {
  const given = sampleWeight === undefined ? undefined : column(sampleWeight);
  if (classWeight === undefined) return given;
  if (targets.length > 1) {
    throw new GraphError('ATTRIBUTE_INVALID', 'classWeight', {
      what: `the model has ${targets.length} outputs, whose classes differ.`,
      fix: 'give sampleWeight.',
    });
  }
  const values = Float32Array.from(classesOf(targets[0] as HostTensor), (c, i) => {
    const weight = classWeight[c];
    if (weight !== undefined) return weight * (given ? Number(given.data[i]) : 1);
    throw new GraphError('FEED_INVALID', 'classWeight', {
      what: `class ${c} has no weight.`,
      fix: 'give a weight for every class that occurs.',
    });
  });
  return new HostTensor(values, [values.length]);
}

/** [batch] or [batch, 1] as [batch]. */
function column(weights: TensorData): HostTensor {
  const read = hostTensor(weights, { dtype: 'float32', where: 'sampleWeight' });
  const { data, shape } = read;
  if (shape.length === 1) return read;
  if (shape.length === 2 && shape[1] === 1) return new HostTensor(data, [data.length]);
  throw new GraphError('FEED_INVALID', 'sampleWeight', {
    what: 'there must be one weight for each example.',
    given: { weights: read },
    fix: 'give shape [examples] or [examples, 1].',
  });
}

/** Class numbers: the targets themselves, or the place of the largest element of each row. */
function classesOf({ data, shape }: HostTensor): number[] {
  const width = shape.length > 1 ? data.length / Math.max(1, shape[0] as number) : 1;
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => {
    const values = Array.from(
      data.subarray(row * width, (row + 1) * width) as Float32Array,
      Number,
    );
    return width === 1 ? (values[0] as number) : values.indexOf(Math.max(...values));
  });
}
