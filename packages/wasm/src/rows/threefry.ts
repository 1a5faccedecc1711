import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder, Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { i8x16, i32x4, v128 } from '../encoder/simd.js';

/** The words of one cipher, or of four side by side. */
export interface CipherWords {
  readonly type: 'i32' | 'v128';
  readonly add: (a: Code, b: Code) => Code;
  readonly xor: (a: Code, b: Code) => Code;
  rotate(x: Local, by: number): Code;
  splat(word: Code): Code;
}

export const oneCipher: CipherWords = {
  type: 'i32',
  add: i32.add,
  xor: i32.xor,
  rotate: (x, by) => i32.rotl(x.get, i32.const(by)),
  splat: (word) => word,
};

const rotatedBytes = (by: number): number[] =>
  Array.from({ length: 16 }, (_, i) => (i & ~3) | ((i + 4 - by / 8) & 3));

export const fourCiphers: CipherWords = {
  type: 'v128',
  add: i32x4.add,
  xor: v128.xor,
  rotate: (x, by) =>
    by % 8 === 0
      ? i8x16.shuffle(x.get, x.get, rotatedBytes(by))
      : v128.or(i32x4.shl(x.get, i32.const(by)), i32x4.shrU(x.get, i32.const(32 - by))),
  splat: i32x4.splat,
};

const parity = 0x1bd11bda;
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const rounds = 20;
const perMixing = 4;

/** The parts of a key as they are added: two before the first round, and two after every fourth. */
export interface CipherKey {
  readonly set: Code;
  readonly parts: readonly (readonly [Local, Local])[];
}

/** The schedule of a key whose words are given as single i32. */
export function cipherKey(
  f: FunctionBuilder,
  words: CipherWords,
  key: readonly [Local, Local],
): CipherKey {
  const third = f.i32();
  const [k0, k1] = key;
  const single = [k0, k1, third];
  const whole = single.map(() => f.local(words.type));
  const parts: [Local, Local][] = [[whole[0] as Local, whole[1] as Local]];
  const sets: Code[] = [];
  for (let mixing = 1; mixing <= rounds / perMixing; mixing++) {
    const counted = f.local(words.type);
    const source = single[(mixing + 1) % 3] as Local;
    sets.push(counted.set(words.splat(i32.add(source.get, i32.const(mixing)))));
    parts.push([whole[mixing % 3] as Local, counted]);
  }
  const set = seq(
    third.set(i32.xor(i32.const(parity), i32.xor(k0.get, k1.get))),
    ...whole.map((local, i) => local.set(words.splat((single[i] as Local).get))),
    ...sets,
  );
  return { set, parts };
}

/**
 * Twenty rounds of Threefry-2x32 on counters to which the first parts of the key are added already. Several pairs take
 * turns round by round: the next operation of one need not wait for the last of the other.
 */
export function cipherRounds(
  words: CipherWords,
  { parts }: CipherKey,
  pairs: readonly (readonly [Local, Local])[],
): Code {
  const steps: Code[] = [];
  for (let round = 0; round < rounds; round++) {
    const by = rotations[round % rotations.length] as number;
    steps.push(...pairs.map(([x0, x1]) => x0.set(words.add(x0.get, x1.get))));
    steps.push(...pairs.map(([x0, x1]) => x1.set(words.xor(words.rotate(x1, by), x0.get))));
    if (round % perMixing !== perMixing - 1) continue;
    const [p0, p1] = parts[(round + 1) / perMixing] as readonly [Local, Local];
    steps.push(...pairs.map(([x0]) => x0.set(words.add(x0.get, p0.get))));
    steps.push(...pairs.map(([, x1]) => x1.set(words.add(x1.get, p1.get))));
  }
  return seq(...steps);
}
