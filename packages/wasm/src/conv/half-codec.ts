import { type Code, seq } from '../encoder/code.js';
import { choose, either, type FunctionBuilder } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';

/** Sixteen bits of a float, an i32, as f32; and back, rounded to nearest even. */
export interface HalfCodec {
  decode(bits: Code): Code;
  encode(value: Code): Code;
}

const bit = (value: Code, mask: number): Code => i32.and(value, i32.const(mask));
const notANumber = 0x7e00;

function float16Codec(f: FunctionBuilder): HalfCodec {
  const [half, wide, magnitude] = [f.i32(), f.i32(), f.i32()];
  return {
    decode: (bits) => {
      const shifted = i32.shl(bit(half.get, 0x7fff), i32.const(13));
      // The exponents of the two formats lie 112 apart; a product also makes subnormals normal.
      const finite = f32.mul(f32.reinterpretI32(shifted), f32.const(2 ** 112));
      const special = f32.reinterpretI32(i32.or(shifted, i32.const(0x7f800000)));
      const isSpecial = i32.geU(bit(half.get, 0x7fff), i32.const(0x7c00));
      const sign = f32.reinterpretI32(i32.shl(half.get, i32.const(16)));
      return seq(half.set(bits), f32.copysign(choose(isSpecial, special, finite), sign));
    },
    encode: (value) => {
      const odd = bit(i32.shrU(magnitude.get, i32.const(13)), 1);
      const rounded = i32.add(i32.add(magnitude.get, i32.const(0xfff)), odd);
      const normal = i32.sub(i32.shrU(rounded, i32.const(13)), i32.const(112 << 10));
      // Next to 0.5 a float32 has the spacing of the subnormals of float16, so the sum rounds as they do.
      const sum = f32.add(f32.reinterpretI32(magnitude.get), f32.const(0.5));
      const subnormal = i32.sub(i32.reinterpretF32(sum), i32.const(0x3f000000));
      const below = (limit: number): Code => i32.ltU(magnitude.get, i32.const(limit));
      const infinite = choose(
        i32.gtU(magnitude.get, i32.const(0x7f800000)),
        i32.const(notANumber),
        i32.const(0x7c00),
      );
      const small = either('i32', below(113 << 23), subnormal, normal);
      return seq(
        wide.set(i32.reinterpretF32(value)),
        magnitude.set(bit(wide.get, 0x7fffffff)),
        i32.or(
          bit(i32.shrU(wide.get, i32.const(16)), 0x8000),
          either('i32', below(143 << 23), small, infinite),
        ),
      );
    },
  };
}

function bfloat16Codec(f: FunctionBuilder): HalfCodec {
  const wide = f.i32();
  return {
    decode: (bits) => f32.reinterpretI32(i32.shl(bits, i32.const(16))),
    encode: (value) => {
      const odd = bit(i32.shrU(wide.get, i32.const(16)), 1);
      const rounded = i32.add(i32.add(wide.get, i32.const(0x7fff)), odd);
      const unordered = i32.gtU(bit(wide.get, 0x7fffffff), i32.const(0x7f800000));
      return seq(
        wide.set(i32.reinterpretF32(value)),
        choose(unordered, i32.const(0x7fc0), i32.shrU(rounded, i32.const(16))),
      );
    },
  };
}

export const halfCodec = { float16: float16Codec, bfloat16: bfloat16Codec };
