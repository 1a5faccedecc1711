import { type DType, dtypes, type TemplateKind, type TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { checkIndices } from '../rows/check-indices.js';
import { copyBytes } from '../rows/copy-bytes.js';
import { type IndexReader, indexReader } from '../rows/index-reader.js';

/** Writes the body of the kernel of a template with indices of any integer dtype: `inputs` are the dtypes of its inputs. */
export type EmitWithIndices<K extends TemplateKind> = (
  template: TemplateOf<K>,
  kernel: KernelFunction,
  inputs?: readonly DType[],
) => Code;

/** y[o, i, :] = x[o, indices[i], :] */
export const emitGather: EmitWithIndices<'gather'> = (template, k, inputs = []) => {
  const { dtype, view, count } = template;
  const { outer, size, inner } = view;
  const { f } = k;
  const reader = indexReader(f, inputs[1] ?? 'int32');
  if (outer * size * inner === 0) return checkIndices(k, reader, { count, size });
  const rowBytes = inner * dtypes[dtype].bytes;
  const [x, indices] = k.inputs as [Local, Local];
  const y = k.outputs[0] as Local;
  const [begin, end, at, base, from, to] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const last = i32.add(indices.get, i32.const(count * reader.bytes));
  const sliceBytes = i32.const(size * rowBytes);
  const wrap = when(
    i32.eq(at.get, last),
    seq(at.set(indices.get), base.set(i32.add(base.get, sliceBytes))),
  );
  const turn = seq(
    reader.read(at.get),
    from.set(base.get),
    when(
      reader.inside(size),
      from.set(i32.add(base.get, i32.mul(reader.value, i32.const(rowBytes)))),
      k.fail(positionOf(at, indices, reader), reader.value),
    ),
    copyBytes(f, { to, from, bytes: rowBytes }),
    to.increase(rowBytes),
    at.increase(reader.bytes),
    outer > 1 ? wrap : [],
  );
  if (count === 0) return [];
  return seq(
    k.share(outer * count, begin, end),
    base.set(i32.add(x.get, i32.mul(i32.divU(begin.get, i32.const(count)), sliceBytes))),
    at.set(i32.mul(i32.remU(begin.get, i32.const(count)), i32.const(reader.bytes))),
    at.set(i32.add(at.get, indices.get)),
    to.set(i32.add(y.get, i32.mul(begin.get, i32.const(rowBytes)))),
    f.for({ from: begin.get, to: end.get }, () => turn),
  );
};

const positionOf = (at: Local, indices: Local, { bytes }: IndexReader): Code =>
  i32.shrU(i32.sub(at.get, indices.get), i32.const(Math.log2(bytes)));
