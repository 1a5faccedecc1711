import type { Affine, Kernel } from '@tenon/core';
import { laneAxis } from './lane-axis.js';
import { moved } from './moved.js';
import { outerLoops } from './outer-loops.js';

// Beyond that the rows of all lanes would fall out of the cache.
const mostElements = 2 ** 18;

/** Whether lanes lie along the innermost of the loops around, so that each lane computes a row. */
export function lanesAreRows(kernel: Kernel): boolean {
  const { around, inside } = outerLoops(kernel);
  const last = around.at(-1);
  if (last === undefined || laneAxis(kernel, { last, inside }) !== last) return false;
  const { extent } = kernel.axes[last] as Kernel['axes'][number];
  return kernel.buffers.every(
    (buffer) => buffer.access !== 'row' || buffer.elements * extent <= mostElements,
  );
}

export const hasRows = ({ buffers }: Kernel): boolean =>
  buffers.some(({ access }) => access === 'row');

/** A kernel whose lanes are rows has the row buffers of all of them, element by element side by side. */
export function withRowsOfLanes(kernel: Kernel): Kernel {
  if (!hasRows(kernel) || !lanesAreRows(kernel)) return kernel;
  const last = outerLoops(kernel).around.at(-1) as number;
  const { extent } = kernel.axes[last] as Kernel['axes'][number];
  const spread = (index: Affine): Affine => ({
    offset: index.offset * extent,
    strides: index.strides.map((stride, axis) => (axis === last ? 1 : stride * extent)),
  });
  const isRow = (buffer?: number) =>
    buffer !== undefined && kernel.buffers[buffer]?.access === 'row';
  return {
    ...kernel,
    buffers: kernel.buffers.map((buffer) =>
      buffer.access === 'row' ? { ...buffer, elements: buffer.elements * extent } : buffer,
    ),
    body: kernel.body.map((statement) =>
      moved(statement, (index, buffer) => (isRow(buffer) ? spread(index) : index)),
    ),
  };
}
