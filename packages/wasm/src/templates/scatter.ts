import { dtypes, type TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryCopy, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { checkIndices } from '../rows/check-indices.js';
import { type Combine, combined } from '../rows/combine.js';
import { copyBytes } from '../rows/copy-bytes.js';
import { emitHalfScatter } from '../rows/half-scatter.js';
import { indexReader } from '../rows/index-reader.js';
import { lanesOf } from '../rows/lanes.js';
import { type OwnedPart, ownedPart } from '../rows/owned-part.js';
import { type Strips, stripsOf } from '../rows/strips.js';
import type { EmitWithIndices } from './gather.js';

type Scatter = TemplateOf<'scatter'>;

const combines: Record<Exclude<Scatter['mode'], 'set'>, Combine> = {
  add: 'sum',
  prod: 'prod',
  max: 'max',
  min: 'min',
};

/**
 * y = base; then, in the order of the indices, y[indices[i], :] = combine(y[indices[i], :], updates[i, :]).
 * Every thread looks at all indices and updates the part of y that it owns, so that no element has two writers.
 */
export const emitScatter: EmitWithIndices<'scatter'> = (template, k, inputs = []) => {
  const { dtype, mode, rows, inner, count } = template;
  const { f } = k;
  const reader = indexReader(f, inputs[1] ?? 'int32');
  if (rows * inner === 0) return checkIndices(k, reader, { count, size: rows });
  const isHalf = dtype === 'float16' || dtype === 'bfloat16';
  // Rounding to half precision after every update would lose small ones.
  if (isHalf && (mode === 'add' || mode === 'prod'))
    return emitHalfScatter(template, k, { reader, combine: combines[mode] });
  const sweep = new OwnedSweep(k, template);
  const good = (position: Local): Code => sweep.update(position, reader.value);
  return seq(sweep.start, checkIndices(k, reader, { count, size: rows, good }));
};

/** What one thread does with its part of y. */
class OwnedSweep {
  private readonly k: KernelFunction;
  private readonly template: Scatter;
  private readonly strips: Strips;
  private readonly part: OwnedPart;
  private readonly bytes: number;
  private readonly from: Local;
  private readonly to: Local;

  constructor(k: KernelFunction, template: Scatter) {
    const { dtype, inner, rows } = template;
    this.k = k;
    this.template = template;
    this.strips = stripsOf(inner, lanesOf(dtype, k.f));
    this.part = ownedPart(k, { rows, strips: this.strips.count });
    this.bytes = dtypes[dtype].bytes;
    this.from = k.f.i32();
    this.to = k.f.i32();
  }

  /** Finds the part and copies the base of it. */
  get start(): Code {
    const { k, part } = this;
    const [base, , , y] = [...k.inputs, ...k.outputs] as [Local, Local, Local, Local];
    const rowBytes = i32.const(this.rowBytes);
    const first = i32.mul(part.firstRow.get, rowBytes);
    const whole = memoryCopy(
      i32.add(y.get, first),
      i32.add(base.get, first),
      i32.mul(part.rows.get, rowBytes),
    );
    const row = k.f.i32();
    const rowByRow = k.f.for({ to: part.rows.get }, (i) =>
      seq(
        row.set(i32.add(part.firstRow.get, i.get)),
        this.along({ from: base, source: row.get, target: row.get }, (bytes) => this.copied(bytes)),
      ),
    );
    return seq(part.find, when(part.whole, whole, rowByRow));
  }

  /** Combines the update at a position into row `target`, if that is of this part. */
  update(position: Local, target: Code): Code {
    const { k, part, template } = this;
    const [, , updates] = k.inputs as [Local, Local, Local];
    const owned = i32.ltU(i32.sub(target, part.firstRow.get), part.rows.get);
    const { mode } = template;
    const each = (bytes: number, cells: Strips['cells']): Code =>
      mode === 'set' ? this.copied(bytes) : this.combined(combines[mode], cells);
    return when(owned, this.along({ from: updates, source: position.get, target }, each));
  }

  private get rowBytes(): number {
    return this.template.inner * this.bytes;
  }

  private copied(bytes: number): Code {
    const { from, to } = this;
    return copyBytes(this.k.f, { to, from, bytes });
  }

  private combined(combine: Combine, cells: Strips['cells']): Code {
    const { from, to, bytes } = this;
    return seq(
      ...cells.map(({ lanes, at }) => {
        const [held, update] = [this.k.f.local(lanes.type), this.k.f.local(lanes.type)];
        return seq(
          held.set(lanes.load(to.get, at * bytes)),
          update.set(lanes.load(from.get, at * bytes)),
          lanes.store(to.get, combined(lanes, combine, [held, update]), at * bytes),
        );
      }),
    );
  }

  /** Goes along the strips of this part, from row `source` of a buffer to row `target` of y. */
  private along(
    { from: buffer, source, target }: { from: Local; source: Code; target: Code },
    each: (bytes: number, cells: Strips['cells']) => Code,
  ): Code {
    const { k, from, to, part, rowBytes } = this;
    const { width, whole, count, cells, rest } = this.strips;
    const stripBytes = width * this.bytes;
    const y = k.outputs[0] as Local;
    const start = i32.mul(part.firstStrip.get, i32.const(stripBytes));
    const rowOf = (address: Local, row: Code): Code =>
      i32.add(i32.add(address.get, i32.mul(row, i32.const(rowBytes))), start);
    const turn = seq(each(stripBytes, cells), from.increase(stripBytes), to.increase(stripBytes));
    const end = k.min(part.endStrip, i32.const(whole));
    const last = each(rowBytes - whole * stripBytes, rest);
    const hasLast = i32.eq(part.endStrip.get, i32.const(count));
    return seq(
      from.set(rowOf(buffer, source)),
      to.set(rowOf(y, target)),
      whole === 0 ? [] : k.f.for({ from: part.firstStrip.get, to: end }, () => turn),
      rest.length === 0 ? [] : when(hasLast, last),
    );
  }
}
