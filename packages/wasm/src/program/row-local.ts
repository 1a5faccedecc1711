import { type Affine, type Kernel, type Statement, sizeOf, type Value } from '@tenon/core';
import { moved } from '../loops/moved.js';
import { outerLoops } from '../loops/outer-loops.js';
import type { KernelInstruction } from './kernel-table.js';

/**
 * Of a kernel whose threads share so many rows: which operands, inputs before outputs, are as many equal rows of which a thread
 * touches only its own.
 */
export function rowLocal(
  instruction: KernelInstruction,
  rows: number,
  operands: readonly Value[],
): boolean[] {
  const sizes = operands.map(({ shape }) => sizeOf(shape));
  switch (instruction.kind) {
    case 'loop':
      return localBuffers(instruction.kernel, { axis: outerAxis(instruction.kernel), rows, sizes });
    case 'template': {
      const { template, finish } = instruction;
      if (template.kind !== 'gemm') return [];
      // Rows of a are those of the result, which a finish passes over.
      const own = [!template.transposeA, false];
      if (!finish) return [...own, true];
      const others = sizes.slice(own.length);
      return [...own, ...localBuffers(finish, { axis: 0, rows, sizes: others })];
    }
    case 'sweep':
      return [];
  }
}

/** -1 for kernels of several sections, whose operands are then those of nobody alone. */
const outerAxis = (kernel: Kernel): number => outerLoops(kernel).around[0] ?? -1;

interface Rows {
  readonly axis: number;
  readonly rows: number;
  /** Elements of each buffer. */
  readonly sizes: readonly number[];
}

function localBuffers({ axes, body }: Kernel, { axis, rows, sizes }: Rows): boolean[] {
  const local = sizes.map((size) => size % rows === 0);
  const inside = ({ offset, strides }: Affine, size: number): boolean => {
    const steps = strides.map((stride, i) =>
      i === axis ? 0 : stride * ((axes[i]?.extent ?? 1) - 1),
    );
    const least = steps.reduce((all, step) => all + Math.min(0, step), offset);
    const most = steps.reduce((all, step) => all + Math.max(0, step), offset);
    return strides[axis] === size / rows && least >= 0 && most < size / rows;
  };
  const look = (statement: Statement) =>
    moved(statement, (index, buffer) => {
      if (buffer !== undefined && buffer < sizes.length && !inside(index, sizes[buffer] as number))
        local[buffer] = false;
      return index;
    });
  for (const statement of body) look(statement);
  return local;
}
