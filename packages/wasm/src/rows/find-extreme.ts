import { type Code, seq } from '../encoder/code.js';
import {
  block,
  branchIf,
  choose,
  type FunctionBuilder,
  type Local,
  loop,
  when,
} from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';

interface Row {
  readonly dtype: 'float32' | 'int32';
  readonly mode: 'max' | 'min';
  /** At least 16. */
  readonly size: number;
  /** The address of the first element. */
  readonly from: Local;
}

type Binary = (a: Code, b: Code) => Code;

interface Ops {
  readonly extreme: Binary;
  readonly equal: Binary;
  splat(bits: Code): Code;
}

const ops: Record<Row['dtype'], Record<Row['mode'], Ops>> = {
  float32: {
    max: { extreme: f32x4.pmax, equal: f32x4.eq, splat: i32x4.splat },
    min: { extreme: f32x4.pmin, equal: f32x4.eq, splat: i32x4.splat },
  },
  int32: {
    max: { extreme: i32x4.maxS, equal: i32x4.eq, splat: i32x4.splat },
    min: { extreme: i32x4.minS, equal: i32x4.eq, splat: i32x4.splat },
  },
};

const chains = 4;
const stride = 16 * chains;

/**
 * The index of the first extreme element of a row, in two passes: the extreme, which is one operation for four elements,
 * then the first place that holds it or NaN, which stops early. The last vectors overlap those before.
 */
export function findExtreme(f: FunctionBuilder, row: Row): { find: Code; index: Local } {
  const { dtype, mode, size, from } = row;
  const { extreme, equal } = ops[dtype][mode];
  const [at, end, index] = [f.i32(), f.i32(), f.i32()];
  const [value, unordered, found] = [f.v128(), f.v128(), f.v128()];
  const best = Array.from({ length: chains }, () => f.v128());
  const last = i32.add(from.get, i32.const(size * 4 - 16));
  const take = (into: Local, offset: number): Code =>
    seq(
      value.set(v128.load(at.get, offset)),
      // A NaN in the second operand is dropped by pmax and pmin, so the values come second.
      into.set(extreme(into.get, value.get)),
      dtype === 'float32'
        ? unordered.set(v128.or(unordered.get, f32x4.ne(value.get, value.get)))
        : [],
    );
  const whole = size - (size % (stride / 4));
  const first = best[0] as Local;
  const pass = seq(
    unordered.set(i32x4.const(0)),
    ...best.map((local) => local.set(v128.load(from.get))),
    at.set(from.get),
    end.set(i32.add(from.get, i32.const(whole * 4))),
    f.while(
      i32.ltU(at.get, end.get),
      seq(...best.map((local, i) => take(local, 16 * i)), at.increase(stride)),
    ),
    end.set(last),
    f.while(i32.ltU(at.get, end.get), seq(take(first, 0), at.increase(16))),
    at.set(last),
    take(first, 0),
    ...best.slice(1).map((local) => first.set(extreme(first.get, local.get))),
  );
  return { find: seq(pass, acrossLanes(f, first, extreme), search()), index };

  function search(): Code {
    const matches =
      dtype === 'float32'
        ? choose(
            v128.anyTrue(unordered.get),
            f32x4.ne(value.get, value.get),
            equal(value.get, first.get),
          )
        : equal(value.get, first.get);
    const test = seq(value.set(v128.load(at.get)), found.set(matches));
    return seq(
      at.set(from.get),
      block(
        loop(
          seq(
            test,
            branchIf(v128.anyTrue(found.get), 1),
            at.increase(16),
            branchIf(i32.leU(at.get, last), 0),
          ),
        ),
      ),
      when(i32.eqz(v128.anyTrue(found.get)), seq(at.set(last), test)),
      index.set(
        i32.add(
          i32.shrU(i32.sub(at.get, from.get), i32.const(2)),
          i32.ctz(i32x4.bitmask(found.get)),
        ),
      ),
    );
  }
}

/** Puts the extreme of the four lanes into all of them. */
function acrossLanes(_f: FunctionBuilder, best: Local, extreme: Binary): Code {
  const rotate = (by: number): Code => {
    const bytes = Array.from({ length: 16 }, (_, i) => (i + by) % 16);
    return seq(best.get, best.get, [0xfd, 0x0d, ...bytes]);
  };
  return seq(best.set(extreme(best.get, rotate(8))), best.set(extreme(best.get, rotate(4))));
}
