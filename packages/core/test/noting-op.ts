import { defineOp, type Op } from '@tenon/core';

/** A host op that hands a scalar on and writes down that it has seen it. */
export const notingOp = (seen: number[]): Op<readonly ['x']> =>
  defineOp({
    name: 'note',
    inputs: ['x'],
    role: 'host',
    infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
    grad: null,
    run({ x }) {
      seen.push(x.item());
      return x;
    },
  });
