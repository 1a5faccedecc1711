import type { TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { checkIndices } from './check-indices.js';
import { type Combine, combined } from './combine.js';
import type { IndexReader } from './index-reader.js';
import { lanesOf } from './lanes.js';
import { forStrips, stripsOf } from './strips.js';

interface Folding {
  readonly reader: IndexReader;
  readonly combine: Combine;
}

const bytes = 2;

/**
 * Scatter of half precision that rounds once: the updates of every row are chained in their order, so that a row's elements
 * stay in registers as float32 while they are combined.
 */
export function emitHalfScatter(
  template: TemplateOf<'scatter'>,
  k: KernelFunction,
  { reader, combine }: Folding,
): Code {
  const { dtype, rows, inner, count } = template;
  const { f } = k;
  const [base, , updates] = k.inputs as [Local, Local, Local];
  const y = k.outputs[0] as Local;
  const lanes = lanesOf(dtype, f);
  const chains = chainRows(k, reader, template);
  const [from, to, update] = [f.i32(), f.i32(), f.i32()];
  const value = f.local(lanes.scalar.type);
  const fold = forStrips(k, { outer: rows, strips: stripsOf(inner, lanes) }, (cells, place) => {
    const sums = cells.map(({ lanes: own }) => f.local(own.type));
    const start = i32.add(i32.mul(place.outer.get, i32.const(inner)), place.column.get);
    const each = (code: (sum: Local, offset: number) => Code): Code =>
      seq(...cells.map(({ at }, i) => code(sums[i] as Local, at * bytes)));
    const { load, store } = lanes.scalar;
    const row = i32.add(i32.mul(update.get, i32.const(inner)), place.column.get);
    return seq(
      to.set(i32.mul(start, i32.const(bytes))),
      from.set(i32.add(base.get, to.get)),
      to.set(i32.add(y.get, to.get)),
      each((sum, offset) => sum.set(load(from.get, offset))),
      update.set(i32.load(chains.head(place.outer.get))),
      f.while(
        i32.geS(update.get, i32.const(0)),
        seq(
          from.set(i32.add(updates.get, i32.mul(row, i32.const(bytes)))),
          each((sum, offset) =>
            seq(
              value.set(load(from.get, offset)),
              sum.set(combined(lanes.scalar, combine, [sum, value])),
            ),
          ),
          update.set(i32.load(chains.next(update.get))),
        ),
      ),
      each((sum, offset) => store(to.get, sum.get, offset)),
    );
  });
  return seq(checkIndices(k, reader, { count, size: rows }), chains.link, fold);
}

interface Chains {
  readonly link: Code;
  /** The address of the first update of a row, -1 where it has none. */
  head(row: Code): Code;
  /** The address of the update that follows in its row. */
  next(update: Code): Code;
}

/** Every thread chains all rows by itself. From the last update to the first, as each one comes in front of its chain. */
function chainRows(
  k: KernelFunction,
  reader: IndexReader,
  { rows, count }: TemplateOf<'scatter'>,
): Chains {
  const { f } = k;
  const indices = k.inputs[1] as Local;
  const [heads, nexts, at] = [f.i32(), f.i32(), f.i32()];
  const word = (address: Local, index: Code): Code =>
    i32.add(address.get, i32.shl(index, i32.const(2)));
  const head = (row: Code): Code => word(heads, row);
  const next = (update: Code): Code => word(nexts, update);
  const insert = seq(
    i32.store(next(at.get), i32.load(head(reader.value))),
    i32.store(head(reader.value), at.get),
  );
  const link = seq(
    heads.set(k.own(rows * 4)),
    nexts.set(k.own(count * 4)),
    memoryFill(heads.get, i32.const(0xff), i32.const(rows * 4)),
    at.set(i32.const(count - 1)),
    f.while(
      i32.geS(at.get, i32.const(0)),
      seq(
        reader.read(i32.add(indices.get, i32.mul(at.get, i32.const(reader.bytes)))),
        when(reader.inside(rows), insert),
        at.increase(-1),
      ),
    ),
  );
  return { link, head, next };
}
