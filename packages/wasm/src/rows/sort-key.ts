import { type DType, isFloat } from '@tenon/core';
import { scalarLanes } from '../conv/lanes.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type FunctionBuilder } from '../encoder/function.js';
import { f32, f64, i32, i64 } from '../encoder/scalar.js';

/** Elements as signed integers in the same order: NaN is the largest, and the two zeros are equal. */
export interface SortKey {
  readonly type: 'i32' | 'i64';
  load(address: Code): Code;
}

export function sortKey(dtype: DType, descending: boolean, f: FunctionBuilder): SortKey {
  const wide = dtype === 'float64' || dtype === 'int64';
  const { load } = scalarLanes(dtype, f);
  const ordered = isFloat(dtype) ? (wide ? doubleKey(f) : singleKey(f)) : (value: Code) => value;
  const flip = (key: Code): Code =>
    wide ? i64.xor(key, i64.const(-1)) : i32.xor(key, i32.const(-1));
  return {
    type: wide ? 'i64' : 'i32',
    load: (address) => (descending ? flip(ordered(load(address))) : ordered(load(address))),
  };
}

/** The bits of a float, of which those below the sign are flipped if it is negative. */
function singleKey(f: FunctionBuilder): (value: Code) => Code {
  const [value, bits] = [f.local('f32'), f.i32()];
  return (given) => {
    const magnitude = i32.and(i32.shrS(bits.get, i32.const(31)), i32.const(0x7fffffff));
    return seq(
      value.set(f32.add(given, f32.const(0))),
      bits.set(i32.reinterpretF32(value.get)),
      choose(f32.eq(value.get, value.get), i32.xor(bits.get, magnitude), i32.const(0x7fffffff)),
    );
  };
}

function doubleKey(f: FunctionBuilder): (value: Code) => Code {
  const [value, bits] = [f.local('f64'), f.local('i64')];
  const most = i64.const(2n ** 63n - 1n);
  return (given) => {
    const magnitude = i64.and(i64.shrS(bits.get, i64.const(63)), most);
    return seq(
      value.set(f64.add(given, f64.const(0))),
      bits.set(i64.reinterpretF64(value.get)),
      choose(f64.eq(value.get, value.get), i64.xor(bits.get, magnitude), most),
    );
  };
}
