import { contextLayout } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import type { ModuleBuilder } from '../encoder/module.js';
import { i32 } from '../encoder/scalar.js';

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
const parity = 0x1bd11bda;

/**
 * Adds the function `(around, inner, turn)`: the context `inner` of the body of a loop becomes that around it, with the key
 * threefry(key: that of the loop around or 0, counter: (turn, 0)). See Threefry in core.
 */
export const addTurnKey = (module: ModuleBuilder): number =>
  module.add({ params: ['i32', 'i32', 'i32'], results: [] }, (f) => {
    const [around, inner, turn] = f.params as [Local, Local, Local];
    const { seed0, seed1, step, failures, iteration0, iteration1, iterates } = contextLayout;
    const copied = [seed0, seed1, step, failures].map((word) =>
      i32.store(inner.get, i32.load(around.get, word), word),
    );
    const [x0, x1, cipher] = threefry(f, {
      key: [i32.load(around.get, iteration0), i32.load(around.get, iteration1)],
      counter: [turn.get, i32.const(0)],
    });
    return seq(
      ...copied,
      cipher,
      i32.store(inner.get, x0.get, iteration0),
      i32.store(inner.get, x1.get, iteration1),
      i32.store(inner.get, i32.const(1), iterates),
    );
  });

function threefry(
  f: FunctionBuilder,
  { key, counter }: { key: readonly [Code, Code]; counter: readonly [Code, Code] },
): [Local, Local, Code] {
  const keys = [f.i32(), f.i32(), f.i32()] as const;
  const [x0, x1] = [f.i32(), f.i32()];
  const mixed = i32.xor(i32.xor(keys[0].get, keys[1].get), i32.const(parity));
  const steps: Code[] = [
    keys[0].set(key[0]),
    keys[1].set(key[1]),
    keys[2].set(mixed),
    x0.set(i32.add(counter[0], keys[0].get)),
    x1.set(i32.add(counter[1], keys[1].get)),
  ];
  for (let round = 0; round < 20; round++) {
    const shift = i32.const(rotations[round % 8] as number);
    steps.push(x0.set(i32.add(x0.get, x1.get)), x1.set(i32.xor(i32.rotl(x1.get, shift), x0.get)));
    if (round % 4 !== 3) continue;
    const mixing = (round + 1) / 4;
    const [first, second] = [keys[mixing % 3] as Local, keys[(mixing + 1) % 3] as Local];
    steps.push(
      x0.set(i32.add(x0.get, first.get)),
      x1.set(i32.add(x1.get, i32.add(second.get, i32.const(mixing)))),
    );
  }
  return [x0, x1, seq(...steps)];
}
