import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';

/** Sixteen bits of a float in each i32 lane as f32 lanes, and back, rounded to nearest even. */
export interface HalfLanes {
  decode(bits: Code): Code;
  encode(value: Code): Code;
}

const and = (value: Code, mask: number): Code => v128.and(value, i32x4.const(mask));
const right = (value: Code, bits: number): Code => i32x4.shrU(value, i32.const(bits));
const left = (value: Code, bits: number): Code => i32x4.shl(value, i32.const(bits));
const plus = (value: Code, by: number): Code => i32x4.add(value, i32x4.const(by));

const float16 = (f: FunctionBuilder): HalfLanes => ({
  decode(bits) {
    const [half, shifted] = [f.v128(), f.v128()];
    // The exponents of the two formats lie 112 apart; a product also makes subnormals normal.
    const finite = f32x4.mul(shifted.get, f32x4.const(2 ** 112));
    const special = v128.or(shifted.get, i32x4.const(0x7f800000));
    const isSpecial = i32x4.gtS(and(half.get, 0x7fff), i32x4.const(0x7bff));
    return seq(
      half.set(bits),
      shifted.set(left(and(half.get, 0x7fff), 13)),
      v128.or(v128.bitselect(special, finite, isSpecial), left(and(half.get, 0x8000), 16)),
    );
  },
  encode(value) {
    const [wide, magnitude] = [f.v128(), f.v128()];
    const m = magnitude.get;
    const below = (limit: number): Code => i32x4.ltS(m, i32x4.const(limit));
    const rounded = i32x4.add(plus(m, 0xfff), and(right(m, 13), 1));
    const normal = plus(right(rounded, 13), -(112 << 10));
    // Next to 0.5 a float32 has the spacing of the subnormals of float16, so the sum rounds as they do.
    const subnormal = plus(f32x4.add(m, f32x4.const(0.5)), -0x3f000000);
    const nan = i32x4.gtS(m, i32x4.const(0x7f800000));
    const infinite = v128.bitselect(i32x4.const(0x7e00), i32x4.const(0x7c00), nan);
    const small = v128.bitselect(subnormal, normal, below(113 << 23));
    return seq(
      wide.set(value),
      magnitude.set(and(wide.get, 0x7fffffff)),
      v128.or(and(right(wide.get, 16), 0x8000), v128.bitselect(small, infinite, below(143 << 23))),
    );
  },
});

const bfloat16 = (f: FunctionBuilder): HalfLanes => ({
  decode: (bits) => left(bits, 16),
  encode(value) {
    const wide = f.v128();
    const rounded = right(i32x4.add(plus(wide.get, 0x7fff), and(right(wide.get, 16), 1)), 16);
    const nan = i32x4.gtS(and(wide.get, 0x7fffffff), i32x4.const(0x7f800000));
    return seq(wide.set(value), v128.bitselect(i32x4.const(0x7fc0), rounded, nan));
  },
});

export const halfLanes = { float16, bfloat16 };
