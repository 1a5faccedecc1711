import type { DType } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { choose, either, type FunctionBuilder } from '../encoder/function.js';
import { f32, f64, i32, i64 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { halfLanes } from './half.js';
import { firstLane, isHalf, kindOf, maskOf, unmasked, type Value } from './value.js';

/** A value of i32 lanes with the bits that its dtype has: integers wrap. */
export function wrapped(code: Code, dtype: DType): Code {
  if (dtype === 'uint8') return v128.and(code, i32x4.const(0xff));
  if (dtype !== 'int8') return code;
  return i32x4.shrS(i32x4.shl(code, i32.const(24)), i32.const(24));
}

/** A value of f32 lanes rounded to its dtype. */
export function rounded(f: FunctionBuilder, code: Code, dtype: DType): Code {
  if (!isHalf(dtype)) return code;
  const { decode, encode } = halfLanes[dtype](f);
  return decode(encode(code));
}

/** A value as another dtype, by the rules of `lower/scalar.ts` in core. */
export function castTo(f: FunctionBuilder, value: Value, to: DType): Value {
  if (to === 'bool') return toBool(value);
  const from = unmasked(value);
  switch (kindOf(to)) {
    case 'f32':
      return { kind: 'f32', code: rounded(f, toFloat32(from), to) };
    case 'f64':
      return { kind: 'f64', code: toFloat64(from) };
    case 'i64':
      return { kind: 'i64', code: toInt64(f, from) };
    default:
      return { kind: 'i32', code: wrapped(toInt32(f, from), to) };
  }
}

/** The same bits as another dtype of the same size. */
export function bitcastTo(f: FunctionBuilder, value: Value, from: DType, to: DType): Value {
  const { kind, code } = unmasked(value);
  const target = kindOf(to);
  if (kind === 'i64' && target === 'f64') return { kind: target, code: f64.reinterpretI64(code) };
  if (kind === 'f64' && target === 'i64') return { kind: target, code: i64.reinterpretF64(code) };
  if (isHalf(from) && isHalf(to))
    return { kind: 'f32', code: halfLanes[to](f).decode(halfLanes[from](f).encode(code)) };
  return { kind: target, code: target === 'i32' ? wrapped(code, to) : code };
}

function toBool({ kind, code }: Value): Value {
  switch (kind) {
    case 'mask':
      return { kind, code };
    case 'f32':
      return { kind: 'mask', code: f32x4.ne(code, f32x4.const(0)) };
    case 'i32':
      return { kind: 'mask', code: i32x4.ne(code, i32x4.const(0)) };
    case 'f64':
      return { kind: 'mask', code: maskOf(f64.ne(code, f64.const(0))) };
    case 'i64':
      return { kind: 'mask', code: maskOf(i64.ne(code, i64.const(0))) };
  }
}

export function toFloat32({ kind, code }: Value): Code {
  switch (kind) {
    case 'i32':
      return f32x4.convertI32x4S(code);
    case 'i64':
      return f32x4.splat(f32.convertI64S(code));
    case 'f64':
      return f32x4.splat(f32.demoteF64(code));
    default:
      return code;
  }
}

function toFloat64(value: Value): Code {
  switch (value.kind) {
    case 'f32':
      return f64.promoteF32(f32x4.extractLane(0, value.code));
    case 'i64':
      return f64.convertI64S(value.code);
    case 'f64':
      return value.code;
    default:
      return f64.convertI32S(firstLane(value));
  }
}

function toInt64(f: FunctionBuilder, value: Value): Code {
  switch (value.kind) {
    case 'i64':
      return value.code;
    case 'f32':
    case 'f64':
      return wholeOf(f, toFloat64(value));
    default:
      return i64.extendI32S(firstLane(value));
  }
}

/** An f64 truncated to an i64 modulo 2^64; what is not finite gives 0. */
function wholeOf(f: FunctionBuilder, code: Code): Code {
  const [x, rest] = [f.local('f64'), f.local('f64')];
  const turns = f64.floor(f64.mul(x.get, f64.const(2 ** -64)));
  const below = f64.sub(rest.get, f64.const(2 ** 64));
  // Small numbers would lose their low bits when 2^64 is added to them.
  const fits = f64.lt(f64.abs(x.get), f64.const(2 ** 63));
  return seq(
    x.set(f64.trunc(code)),
    rest.set(f64.sub(x.get, f64.mul(turns, f64.const(2 ** 64)))),
    rest.set(choose(f64.ge(rest.get, f64.const(2 ** 63)), below, rest.get)),
    i64.truncSatF64S(choose(fits, x.get, rest.get)),
  );
}

function toInt32(f: FunctionBuilder, value: Value): Code {
  switch (value.kind) {
    case 'f32':
      return wordsOf(f, value.code);
    case 'f64':
      return i32x4.splat(wordOf(f, value.code));
    case 'i64':
      return i32x4.splat(i32.wrapI64(value.code));
    default:
      return value.code;
  }
}

/** f32 lanes truncated to i32 modulo 2^32. */
function wordsOf(f: FunctionBuilder, code: Code): Code {
  const x = f.v128();
  const fits = i32x4.allTrue(f32x4.lt(f32x4.abs(x.get), f32x4.const(2 ** 31)));
  const lane = (i: number): Code => wordOf(f, f64.promoteF32(f32x4.extractLane(i, x.get)));
  const slow = [1, 2, 3].reduce<Code>(
    (lanes, i) => i32x4.replaceLane(i, lanes, lane(i)),
    i32x4.splat(lane(0)),
  );
  return seq(x.set(code), either('v128', fits, i32x4.truncSatF32x4S(x.get), slow));
}

/** An f64 truncated to an i32 modulo 2^32; what is not finite gives 0. */
function wordOf(f: FunctionBuilder, code: Code): Code {
  const x = f.local('f64');
  const turns = f64.floor(f64.mul(x.get, f64.const(2 ** -32)));
  const rest = f64.sub(x.get, f64.mul(turns, f64.const(2 ** 32)));
  return seq(x.set(f64.trunc(code)), i32.wrapI64(i64.truncSatF64S(rest)));
}
