import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { outranks } from '../rows/combine.js';
import { findExtreme } from '../rows/find-extreme.js';
import { lanesOf, selectIndex, splatIndex } from '../rows/lanes.js';
import { type Cell, forStrips, stripsOf } from '../rows/strips.js';
import type { EmitTemplate } from './template.js';

/** Rows of fewer elements are not worth vectors. */
const shortRow = 16;

/** y[o, n] = the first i at which x[o, i, n] is extreme; the first NaN, where there is one. */
export const emitArgReduce: EmitTemplate<'argReduce'> = (template, k) => {
  const { dtype, mode, view } = template;
  const { outer, size, inner } = view;
  const { f } = k;
  const [x, y] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const lanes = lanesOf(dtype, f);
  const { bytes } = lanes.scalar;
  const from = f.i32();
  const start = (row: Code, column: Code): Code => {
    const element = i32.add(i32.mul(row, i32.const(size * inner)), column);
    return from.set(i32.add(x.get, i32.mul(element, i32.const(bytes))));
  };
  const strips = stripsOf(inner, lanes);
  if (inner === 1 && size >= shortRow && (dtype === 'float32' || dtype === 'int32')) {
    return forStrips(k, { outer, strips }, (_, place) => {
      const found = findExtreme(f, { dtype, mode, size, from });
      const at = i32.add(y.get, i32.shl(place.outer.get, i32.const(2)));
      return seq(
        start(place.outer.get, place.column.get),
        found.find,
        i32.store(at, found.index.get),
      );
    });
  }
  const to = f.i32();
  const turn = f.i32();
  const searched = ({ lanes: own, at }: Cell) => {
    const value = f.local(own.type);
    const extreme = f.local(own.type);
    const best = f.local(own.type === 'v128' ? 'v128' : 'i32');
    const mask = f.local(own.type === 'v128' ? 'v128' : 'i32');
    const store = own.type === 'v128' ? v128.store : i32.store;
    return {
      first: seq(
        extreme.set(own.load(from.get, at * bytes)),
        best.set(splatIndex(own, i32.const(0))),
      ),
      turn: seq(
        value.set(own.load(from.get, at * bytes)),
        mask.set(outranks(own, mode, { value: value.get, than: extreme.get })),
        extreme.set(own.select(mask.get, value.get, extreme.get)),
        best.set(selectIndex(own, [mask.get, splatIndex(own, turn.get), best.get])),
      ),
      last: store(to.get, best.get, at * 4),
    };
  };
  return forStrips(k, { outer, strips }, (cells, place) => {
    const parts = cells.map(searched);
    const result = i32.add(i32.mul(place.outer.get, i32.const(inner)), place.column.get);
    return seq(
      start(place.outer.get, place.column.get),
      to.set(i32.add(y.get, i32.shl(result, i32.const(2)))),
      ...parts.map(({ first }) => first),
      turn.set(i32.const(1)),
      f.while(
        i32.ltS(turn.get, i32.const(size)),
        seq(from.increase(inner * bytes), ...parts.map((part) => part.turn), turn.increase(1)),
      ),
      ...parts.map(({ last }) => last),
    );
  });
};
