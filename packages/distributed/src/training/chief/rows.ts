import { HostTensor } from '@tenon/core';

/** The rows of tensors that share their first axis, in some parts of nearly equal size; fewer parts where there are fewer rows. */
export function splitRows(tensors: readonly HostTensor[], parts: number): HostTensor[][] {
  const rows = tensors[0]?.shape[0] ?? 0;
  const count = Math.min(parts, rows);
  return Array.from({ length: count }, (_, part) => {
    const from = Math.floor((part * rows) / count);
    const to = Math.floor(((part + 1) * rows) / count);
    return tensors.map(({ data, shape, dtype }) => {
      const width = data.length / rows;
      return new HostTensor(
        data.subarray(from * width, to * width),
        [to - from, ...shape.slice(1)],
        dtype,
      );
    });
  });
}
