import type { TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryCopy, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { i32x4, v128 } from '../encoder/simd.js';
import { indexReader } from '../rows/index-reader.js';
import type { EmitTemplate } from './template.js';

/** y = x; notes the first element that lies outside. */
export const emitInRange: EmitTemplate<'inRange'> = (template, k) => {
  const { shape, sizes } = template;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements === 0) return [];
  const { f } = k;
  const [x, y] = [k.inputs[0] as Local, k.outputs[0] as Local];
  const [begin, end, from] = [f.i32(), f.i32(), f.i32()];
  const reader = indexReader(f, template.dtype);
  const perTuple = sizes.length;
  const tupleBytes = perTuple * reader.bytes;
  const offset = i32.mul(begin.get, i32.const(tupleBytes));
  const entries = sizes.map((size, j) =>
    seq(
      reader.read(i32.add(from.get, i32.const(j * reader.bytes))),
      when(
        i32.or(
          template.open === 'below' ? i32.const(0) : reader.below,
          template.open === 'beyond' ? i32.const(0) : reader.beyond(size),
        ),
        k.fail(
          i32.shrU(
            i32.sub(from.get, i32.sub(x.get, i32.const(j * reader.bytes))),
            i32.const(Math.log2(reader.bytes)),
          ),
          reader.value,
        ),
      ),
    ),
  );
  const check = seq(
    from.set(i32.add(x.get, offset)),
    f.for({ from: begin.get, to: end.get }, () => seq(...entries, from.increase(tupleBytes))),
  );
  return seq(
    k.share(elements / perTuple, begin, end),
    memoryCopy(
      i32.add(y.get, offset),
      i32.add(x.get, offset),
      i32.mul(i32.sub(end.get, begin.get), i32.const(tupleBytes)),
    ),
    template.dtype === 'int32' && perTuple === 1
      ? skimmed(k, template, { begin, end, check })
      : check,
  );
};

interface Part {
  readonly begin: Local;
  readonly end: Local;
  readonly check: Code;
}

/** Looks at four elements at once, and at single ones only in a part that has a bad one, or behind the last vector. */
function skimmed(k: KernelFunction, template: TemplateOf<'inRange'>, part: Part): Code {
  const { f } = k;
  const { begin, end, check } = part;
  const { open } = template;
  const [from, last] = [f.i32(), f.i32()];
  const [value, bad] = [f.v128(), f.v128()];
  const most = Math.min(template.sizes[0] as number, 2 ** 31) - 1;
  const tests = [
    ...(open === 'below' ? [] : [i32x4.ltS(value.get, i32x4.const(0))]),
    ...(open === 'beyond' ? [] : [i32x4.gtS(value.get, i32x4.const(most))]),
  ];
  const address = (index: Code): Code =>
    i32.add((k.inputs[0] as Local).get, i32.shl(index, i32.const(2)));
  const whole = i32.and(i32.sub(end.get, begin.get), i32.const(-4));
  return seq(
    from.set(address(begin.get)),
    last.set(address(i32.add(begin.get, whole))),
    bad.set(i32x4.const(0)),
    f.while(
      i32.ltU(from.get, last.get),
      seq(
        value.set(v128.load(from.get)),
        bad.set(tests.reduce((all, test) => v128.or(all, test), bad.get)),
        from.increase(16),
      ),
    ),
    when(i32.eqz(v128.anyTrue(bad.get)), begin.set(i32.add(begin.get, whole))),
    check,
  );
}
