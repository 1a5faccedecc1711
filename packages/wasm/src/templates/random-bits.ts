import { contextLayout, type KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { i8x16, i32x4, v128 } from '../encoder/simd.js';
import { cipherKey, cipherRounds, fourCiphers, oneCipher } from '../rows/threefry.js';
import type { EmitTemplate } from './template.js';

/** Blocks of a cipher give two elements; four go side by side. */
const groupElements = 8;
const groupBytes = groupElements * 4;
/** Groups that take turns in one pass of the loop. */
const together = 3;

/**
 *     key            = threefry(key: seed of the run, counter: seed of the op), in loops threefry(that, counter: iteration)
 *     y[2i], y[2i+1] = threefry(key, counter: (step, first / 2 + i))
 */
export const emitRandomBits: EmitTemplate<'randomBits'> = ({ seed, first: start, count }, k) => {
  if (count === 0) return [];
  const { f } = k;
  const y = k.outputs[0] as Local;
  const { find, key } = runKey(k, seed);
  const schedule = cipherKey(f, fourCiphers, key);
  const [begin, end, to] = [f.i32(), f.i32(), f.i32()];
  const [step, counter] = [f.v128(), f.v128()];
  const pairs = Array.from({ length: together }, () => [f.v128(), f.v128()] as const);
  const [first] = pairs as [(typeof pairs)[number]];
  const compute = (group: typeof pairs): Code =>
    seq(
      ...group.map(([x0, x1], i) =>
        seq(x0.set(step.get), x1.set(i32x4.add(counter.get, i32x4.const(4 * i)))),
      ),
      counter.set(i32x4.add(counter.get, i32x4.const(4 * group.length))),
      cipherRounds(fourCiphers, schedule, group),
    );
  const store = (group: typeof pairs): Code =>
    seq(
      ...group.flatMap(([x0, x1], i) => [
        v128.store(to.get, interleaved(x0, x1, 0), i * groupBytes),
        v128.store(to.get, interleaved(x0, x1, 8), i * groupBytes + 16),
      ]),
      to.increase(group.length * groupBytes),
    );
  const lanes = v128.const([...new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer)]);
  const index = i32x4.add(i32x4.splat(i32.shl(begin.get, i32.const(2))), lanes);
  const whole = Math.floor(count / groupElements);
  const isLast = i32.eq(k.thread.get, i32.sub(k.threads.get, i32.const(1)));
  const [k0, k1] = key;
  return seq(
    find,
    schedule.set,
    k.share(whole, begin, end),
    to.set(i32.add(y.get, i32.mul(begin.get, i32.const(groupBytes)))),
    step.set(i32x4.splat(i32.add(i32.load(k.context.get, contextLayout.step), k0.get))),
    counter.set(i32x4.add(index, i32x4.splat(i32.add(k1.get, i32.const(start / 2))))),
    f.for({ from: begin.get, to: i32.sub(end.get, i32.const(together - 1)), step: together }, () =>
      seq(compute(pairs), store(pairs)),
    ),
    f.for({ to: i32.remU(i32.sub(end.get, begin.get), i32.const(together)) }, () =>
      seq(compute([first]), store([first])),
    ),
    // The last thread's groups end with the last whole one, so its counter stands at the rest.
    when(
      isLast,
      rest(f, { count: count % groupElements, compute: compute([first]), pair: first, to }),
    ),
  );
};

/** Words of four blocks in the order of their elements, from byte `from` of each. */
const interleaved = (x0: Local, x1: Local, from: number): Code => {
  const word = (start: number): number[] => [start, start + 1, start + 2, start + 3];
  const bytes = [from, from + 16, from + 4, from + 20].flatMap(word);
  return i8x16.shuffle(x0.get, x1.get, bytes);
};

interface Rest {
  readonly count: number;
  readonly compute: Code;
  readonly pair: readonly [Local, Local];
  readonly to: Local;
}

/** The elements after the last whole group. */
function rest(f: FunctionBuilder, { count, compute, pair: [x0, x1], to }: Rest): Code {
  if (count === 0) return [];
  const half = f.v128();
  const stores: Code[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) stores.push(half.set(interleaved(x0, x1, 2 * i)));
    stores.push(v128.store32Lane(i % 4, to.get, half.get, 4 * i));
  }
  return seq(compute, ...stores);
}

/** The key for the numbers of an op in this run, and in this turn of the loop around. */
function runKey(
  { f, context }: KernelFunction,
  seed: readonly [number, number],
): { find: Code; key: readonly [Local, Local] } {
  const word = (offset: number): Code => i32.load(context.get, offset);
  const [k0, k1, x0, x1] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const cipher = (counter: readonly [Code, Code]): Code => {
    const schedule = cipherKey(f, oneCipher, [k0, k1]);
    return seq(
      schedule.set,
      x0.set(i32.add(counter[0], k0.get)),
      x1.set(i32.add(counter[1], k1.get)),
      cipherRounds(oneCipher, schedule, [[x0, x1]]),
      k0.set(x0.get),
      k1.set(x1.get),
    );
  };
  const { seed0, seed1, iteration0, iteration1, iterates } = contextLayout;
  const find = seq(
    k0.set(word(seed0)),
    k1.set(word(seed1)),
    cipher([i32.const(seed[0]), i32.const(seed[1])]),
    when(word(iterates), cipher([word(iteration0), word(iteration1)])),
  );
  return { find, key: [k0, k1] };
}
