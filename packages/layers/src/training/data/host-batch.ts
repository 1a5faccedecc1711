import { type BoundRun, GraphError, HostTensor, hostTensor, type KnownSpec } from '@tenon/core';
import type { Batch, BatchSpecs, Pass } from '../data.js';

/** Examples that were read into host memory. */
export interface Examples {
  readonly inputs: readonly HostTensor[];
  readonly targets: readonly HostTensor[];
  readonly weight?: HostTensor | undefined;
}

/** A batch of examples. Errors: FEED_INVALID. Its specs are those of the batch before where both are alike. */
export function hostBatch(examples: Examples, before?: BatchSpecs): Batch {
  const { inputs, targets, weight } = examples;
  const size = inputs[0]?.shape[0] ?? 0;
  if (weight && weight.size !== size) throw otherWeights(weight, size);
  const specs = { inputs, targets, weighted: weight !== undefined };
  const values = [...inputs, ...targets, ...(weight ? [weight] : [])];
  return {
    specs: before && alike(before, specs) ? before : specsOnly(specs),
    size,
    write: (run) => {
      values.forEach((value, i) => {
        run.write(i, converted(value, run, i));
      });
    },
    values: () =>
      values.map(({ data, shape, dtype }) => new HostTensor(data.slice(), shape, dtype)),
  };
}

const otherWeights = (weights: HostTensor, size: number): GraphError =>
  new GraphError('FEED_INVALID', 'sampleWeight', {
    what: `there are ${weights.size} weights for ${size} examples.`,
    given: { weights },
  });

function converted(value: HostTensor, run: BoundRun, index: number): HostTensor {
  const { dtype } = run.inputs[index] as KnownSpec;
  return value.dtype === dtype ? value : hostTensor(value, { dtype });
}

function alike(a: BatchSpecs, b: BatchSpecs): boolean {
  const same = (some: readonly KnownSpec[], others: readonly KnownSpec[]): boolean =>
    some.length === others.length &&
    some.every((spec, i) => specText(spec) === specText(others[i] as KnownSpec));
  return a.weighted === b.weighted && same(a.inputs, b.inputs) && same(a.targets, b.targets);
}

const specText = ({ dtype, shape }: KnownSpec): string => `${dtype} ${shape}`;

// Values of a batch must not be kept for as long as its specs are.
const specsOnly = ({ inputs, targets, weighted }: BatchSpecs): BatchSpecs => ({
  inputs: inputs.map(({ dtype, shape }) => ({ dtype, shape })),
  targets: targets.map(({ dtype, shape }) => ({ dtype, shape })),
  weighted,
});

/** Batches that are there. */
export function passOf(batches: readonly Batch[]): Pass {
  let next = 0;
  return { next: () => batches[next++], close: () => {} };
}
