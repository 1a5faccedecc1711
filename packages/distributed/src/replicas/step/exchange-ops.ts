import {
  type DType,
  defineMultiOp,
  defineOp,
  dtypeNames,
  GraphError,
  HostTensor,
  type KnownShape,
  type OpInfo,
} from '@tenon/core';
import { z } from 'zod';

/** Where a replica's program hands over values to be added up, and takes the sums. */
export interface Exchange {
  /** Never waits. */
  contribute(bucket: number, values: readonly HostTensor[]): void;
  /** The sums of the bucket's values, in memory of their own or good until the next `contribute`. */
  finish(bucket: number): readonly HostTensor['data'][];
}

const bucket = z.int().min(0);

const specs = z.array(
  z.strictObject({ dtype: z.enum(dtypeNames), shape: z.array(z.int().min(0)) }),
);

/**
 * The two ops of an exchange: a program computes on between them. The order of contributions is that of the tokens that `sums` takes.
 */
export function exchangeOps(exchange: Exchange) {
  /** Hands over the values of a bucket. Shapes: any -> [0], a token. */
  const contribute = defineOp({
    name: 'contribute',
    inputs: ['...values'],
    attrs: z.strictObject({ bucket }),
    role: 'host',
    infer: () => ({ dtype: 'float32', shape: [0] }),
    grad: null,
    run({ values }, attrs) {
      exchange.contribute(attrs.bucket, values);
      return new HostTensor(new Float32Array(0), [0]);
    },
  });
  /** Waits for the sums of a bucket; every replica gets the same. Shapes: tokens -> those of the values. */
  const sums = defineMultiOp({
    name: 'sums',
    inputs: ['...tokens'],
    attrs: z.strictObject({ bucket, specs }),
    role: 'host',
    infer: (_tokens, attrs) => attrs.specs,
    grad: null,
    run(_tokens, attrs) {
      const found = exchange.finish(attrs.bucket);
      return attrs.specs.map(
        ({ dtype, shape }, i) => new HostTensor(found[i] as HostTensor['data'], shape, dtype),
      );
    },
  });
  return { contribute, sums };
}

export const opsOf = ({ contribute, sums }: ReturnType<typeof exchangeOps>): OpInfo[] => [
  contribute,
  sums,
];

/** Dtype and size of a value whose shape is known. */
export interface ValueSpec {
  readonly dtype: DType;
  readonly shape: KnownShape;
}

/** For graphs that are only written here, and run elsewhere. */
export const noExchange: Exchange = {
  contribute: () => notHere(),
  finish: () => notHere(),
};

function notHere(): never {
  throw new GraphError('STATE_INVALID', 'allReduce', {
    what: 'the graph of a replica was run outside of its ring.',
  });
}
