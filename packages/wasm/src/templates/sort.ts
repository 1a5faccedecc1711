import { dtypes } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { copyBytes } from '../rows/copy-bytes.js';
import { mergeSort } from '../rows/merge-sort.js';
import { sortKey } from '../rows/sort-key.js';
import { sortRecord } from '../rows/sort-record.js';
import type { EmitTemplate } from './template.js';

/** values[o, :, n] = x[o, :, n] in order, and the int32 positions they came from; equal elements keep their order. */
export const emitSort: EmitTemplate<'sort'> = (template, k) => {
  const { dtype, descending, view } = template;
  const { outer, size, inner } = view;
  if (outer * size * inner === 0) return [];
  const { f } = k;
  const x = k.inputs[0] as Local;
  const [values, positions] = k.outputs as [Local, Local];
  const { bytes } = dtypes[dtype];
  const key = sortKey(dtype, descending, f);
  const record = sortRecord(key);
  const [begin, end, first, at] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [from, to, source, target] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [records, scratch] = [k.own(size * record.bytes), k.own(size * record.bytes)];
  const element = (index: Code): Code => i32.add(first.get, i32.mul(index, i32.const(inner)));
  const addressOf = (array: Local, index: Code, elementBytes: number): Code =>
    i32.add(array.get, i32.mul(index, i32.const(elementBytes)));
  const read = seq(
    at.set(from.get),
    f.for({ to: i32.const(size) }, (i) =>
      seq(
        record.write(at.get, key.load(addressOf(x, element(i.get), bytes)), i.get),
        at.increase(record.bytes),
      ),
    ),
  );
  const write = seq(
    at.set(from.get),
    f.for({ to: i32.const(size) }, (i) =>
      seq(
        source.set(addressOf(x, element(record.index(at.get)), bytes)),
        target.set(addressOf(values, element(i.get), bytes)),
        copyBytes(f, { to: target, from: source, bytes }),
        i32.store(addressOf(positions, element(i.get), 4), record.index(at.get)),
        at.increase(record.bytes),
      ),
    ),
  );
  const row = (unit: Local): Code =>
    seq(
      first.set(i32.mul(i32.divU(unit.get, i32.const(inner)), i32.const(size * inner))),
      first.set(i32.add(first.get, i32.remU(unit.get, i32.const(inner)))),
      from.set(records),
      to.set(scratch),
      read,
      mergeSort(f, { record, size, from, to }),
      write,
    );
  return seq(k.share(outer * inner, begin, end), f.for({ from: begin.get, to: end.get }, row));
};
