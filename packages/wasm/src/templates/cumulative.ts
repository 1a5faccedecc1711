import { isFloat } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { combined, neutral } from '../rows/combine.js';
import { doubleLanes, lanesOf } from '../rows/lanes.js';
import { type Cell, forStrips, stripsOf } from '../rows/strips.js';
import type { EmitTemplate } from './template.js';

/** y[o, i, n] = combine of x[o, j, n] over j up to i. Sums and products of floats are carried in double precision. */
export const emitCumulative: EmitTemplate<'cumulative'> = (template, k) => {
  const { dtype, view, combine, exclusive, reverse } = template;
  const { outer, size, inner } = view;
  if (size === 0) return [];
  const { f } = k;
  const [x, y] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const folds = combine === 'sum' || combine === 'prod';
  const lanes = (folds && isFloat(dtype) ? doubleLanes : lanesOf)(dtype, f);
  const { bytes } = lanes.scalar;
  const [from, to] = [f.i32(), f.i32()];
  const next = (reverse ? -inner : inner) * bytes;

  const folded = ({ lanes: own, at }: Cell): { first: Code; turn: Code } => {
    const [carry, value] = [f.local(own.type), f.local(own.type)];
    const store = own.store(to.get, carry.get, at * bytes);
    return {
      first: carry.set(neutral(own, combine, dtype)),
      turn: seq(
        value.set(own.load(from.get, at * bytes)),
        exclusive ? store : [],
        carry.set(combined(own, combine, [carry, value])),
        exclusive ? [] : store,
      ),
    };
  };
  return forStrips(k, { outer, strips: stripsOf(inner, lanes) }, (cells, place) => {
    const rows = i32.mul(place.outer.get, i32.const(size));
    const start = reverse ? i32.add(rows, i32.const(size - 1)) : rows;
    const element = i32.add(i32.mul(start, i32.const(inner)), place.column.get);
    const parts = cells.map(folded);
    return seq(
      from.set(i32.mul(element, i32.const(bytes))),
      to.set(i32.add(from.get, y.get)),
      from.set(i32.add(from.get, x.get)),
      ...parts.map(({ first }) => first),
      f.for({ to: i32.const(size) }, () =>
        seq(...parts.map(({ turn }) => turn), from.increase(next), to.increase(next)),
      ),
    );
  });
};
