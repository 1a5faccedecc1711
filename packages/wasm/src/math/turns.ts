import type { Code } from '../encoder/code.js';
import { choose } from '../encoder/function.js';
import { f64, i32, i64 } from '../encoder/scalar.js';
import { bitsOfTwoOverPi, constants } from './coefficients.js';
import { multiplyPairs } from './double/pair.js';
import type { Formula } from './formula.js';

/** Whole numbers of quarter turns, modulo 4, and what remains in radians, at most pi / 4. */
export interface Turns {
  readonly quarters: Code;
  readonly rest: Code;
}

/** m 2^e, with the words of the table that the largest e needs. */
interface Angle {
  readonly m: Code;
  readonly e: Code;
  readonly words: number;
}

/** Words of the table for the angles of each precision. */
export const wordsOfSingle = 6;
export const wordsOfDouble = bitsOfTwoOverPi.length;

/** The upper 64 bits of the product of two unsigned 64-bit numbers. */
function highProduct(y: Formula, a: Code, b: Code): Code {
  const half = i64.const(32);
  const mask = i64.const(0xffffffff);
  const [a1, a0] = [y.long(i64.shrU(a, half)), y.long(i64.and(a, mask))];
  const [b1, b0] = [y.long(i64.shrU(b, half)), y.long(i64.and(b, mask))];
  const first = y.long(i64.add(i64.mul(a1, b0), i64.shrU(i64.mul(a0, b0), half)));
  const second = i64.shrU(i64.add(i64.mul(a0, b1), i64.and(first, mask)), half);
  return y.long(i64.add(i64.mul(a1, b1), i64.add(i64.shrU(first, half), second)));
}

/** Three times 64 bits of 2 / pi from bit `at` of the table on, of which `words` words may be needed. */
function bitsFrom(y: Formula, at: Code, words: number): readonly [Code, Code, Code] {
  const index = y.word(i32.shrU(at, i32.const(6)));
  const wordAt = (offset: number): Code =>
    y.long(
      bitsOfTwoOverPi
        .slice(offset, words)
        .reduce<Code>(
          (chosen, bits, i) => choose(i32.eq(index, i32.const(i)), i64.const(bits), chosen),
          i64.const(0),
        ),
    );
  const [a, b, c, d] = [wordAt(0), wordAt(1), wordAt(2), wordAt(3)];
  const shift = y.long(i64.extendI32U(i32.and(at, i32.const(63))));
  const opposite = y.long(i64.xor(shift, i64.const(63)));
  // To the right in two steps, as a shift by 64 would be one by 0.
  const joined = (high: Code, low: Code): Code =>
    y.long(i64.or(i64.shl(high, shift), i64.shrU(i64.shrU(low, i64.const(1)), opposite)));
  return [joined(a, b), joined(b, c), joined(c, d)];
}

/**
 * The angle m 2^e for a whole number m >= 0 and e >= -64: the product with those bits of 2 / pi that are not whole turns.
 * Source: Payne and Hanek, "Radian reduction for trigonometric functions", SIGNUM Newsletter 18, 1983.
 */
export function turnsOf(y: Formula, { m, e, words }: Angle): Turns {
  const at = y.word(i32.add(e, i32.const(62)));
  const [first, second, third] = bitsFrom(y, at, words);
  const middle = y.long(i64.mul(m, second));
  const low = y.long(i64.add(middle, highProduct(y, m, third)));
  const carry = i64.extendI32U(i64.ltU(low, middle));
  const upper = i64.add(i64.mul(m, first), highProduct(y, m, second));
  const high = y.long(i64.add(upper, carry));
  const rounded = i64.add(high, i64.const(2n ** 61n));
  const quarters = y.word(i32.wrapI64(i64.shrU(rounded, i64.const(62))));
  // The fraction as a signed number of 128 bits: its upper half as two doubles, and of the lower half one.
  const fraction = y.long(i64.or(i64.shl(high, i64.const(2)), i64.shrU(low, i64.const(62))));
  const near = y.double(f64.convertI64S(fraction));
  const missing = f64.convertI64S(i64.sub(fraction, i64.truncSatF64S(near)));
  const below = f64.convertI64S(i64.shrU(i64.shl(low, i64.const(2)), i64.const(1)));
  const far = y.double(f64.add(missing, f64.mul(below, f64.const(2 ** -63))));
  const [high2, low2] = constants.halfPiPair;
  const product = multiplyPairs(
    y,
    { high: near, low: far },
    { high: f64.const(high2), low: f64.const(low2) },
  );
  const rest = f64.mul(f64.add(product.high, product.low), f64.const(2 ** -64));
  return { quarters, rest: y.double(rest) };
}
