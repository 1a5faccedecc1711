import { HostTensor, sizeOf, type TypedArray } from '@tenon/core';
import { plain, type StepMessage } from './messages.js';

/**
 * A batch cut along its examples into as many parts as there are replicas, as even as can be. A replica without examples gets the
 * first one, which then neither weighs nor counts: the mean over no example would be no number.
 */
export function splitBatch(values: readonly HostTensor[], replicas: number): StepMessage[] {
  const examples = values[0]?.shape[0] ?? 0;
  const start = (rank: number) => Math.floor((examples * rank) / replicas);
  return Array.from({ length: replicas }, (_, rank): StepMessage => {
    const [from, to] = [start(rank), start(rank + 1)];
    const empty = from === to;
    const part = values.map((value) => plain(empty ? rows(value, 0, 1) : rows(value, from, to)));
    return { values: part, share: (to - from) / examples, counts: empty ? 0 : 1 };
  });
}

/** A copy of some rows: its memory can be handed to another thread. */
function rows({ dtype, shape, data }: HostTensor, from: number, to: number): HostTensor {
  const [, ...inner] = shape;
  const size = sizeOf(inner);
  return new HostTensor(
    data.slice(from * size, to * size) as TypedArray,
    [to - from, ...inner],
    dtype,
  );
}
