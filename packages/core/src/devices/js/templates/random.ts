import { Threefry } from '../../../random/threefry.js';
import type { CompileTemplate } from './kernel.js';

/**
 * Random bits that depend on nothing but seeds, step and position:
 *
 *     key            = threefry(key: seed of the run, counter: seed of the op)
 *     y[2i], y[2i+1] = threefry(key, counter: (step, first / 2 + i))
 *
 * In the body of a loop the key is threefry(key, counter: iteration), so that each turn draws other numbers, and a gradient
 * that computes a turn again draws the same ones. The step counts modulo 2^32. A last odd element takes the first word of its block.
 */
export const compileRandomBits: CompileTemplate<'randomBits'> = (
  { seed, first, count },
  _,
  [to],
) => {
  const y = to as Int32Array;
  const cipher = new Threefry();
  return ({ seed: run, step, iteration }) => {
    cipher.setKey(run[0], run[1]);
    cipher.block(seed[0], seed[1]);
    cipher.setKey(cipher.word0, cipher.word1);
    if (iteration) {
      cipher.block(iteration[0], iteration[1]);
      cipher.setKey(cipher.word0, cipher.word1);
    }
    for (let i = 0; i < count; i += 2) {
      cipher.block(step, (first + i) / 2);
      y[i] = cipher.word0;
      if (i + 1 < count) y[i + 1] = cipher.word1;
    }
  };
};
