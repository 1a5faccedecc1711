import type { Kernel, Statement } from '@tenon/core';
import { accessesOf } from '../emit/pointers.js';

interface Choice {
  /** The innermost of the parallel axes around. */
  readonly last: number;
  readonly inside: readonly Statement[];
}

/** The axis along which lanes lie: that around, or -1 where each of the innermost loops has lanes along its own axis. */
export function laneAxis(kernel: Kernel, { last, inside }: Choice): number {
  if (!inside.some(({ kind }) => kind === 'for')) return last;
  const extent = (axis: number) => (kernel.axes[axis] as Kernel['axes'][number]).extent;
  const loops = innermost(inside);
  const strided = (axis: number, body: readonly Statement[]) =>
    accessesOf(body).filter(({ index }) => {
      const stride = index.strides[axis] as number;
      return stride !== 0 && stride !== 1;
    }).length;
  const along = loops.reduce((all, { axis, body }) => all + strided(axis, body), 0);
  const across = loops.reduce((all, { body }) => all + strided(last, body), 0);
  if (along !== across) return along < across ? -1 : last;
  const shortest = Math.min(...loops.map(({ axis }) => extent(axis)));
  return shortest < extent(last) && shortest < 16 ? last : -1;
}

type For = Extract<Statement, { kind: 'for' }>;

const innermost = (body: readonly Statement[]): For[] =>
  body.flatMap((one) => {
    if (one.kind !== 'for') return [];
    const inner = innermost(one.body);
    return inner.length > 0 ? inner : [one];
  });
