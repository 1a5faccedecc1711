import type { Instruction } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { callFunction, choose, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { BodyWriter, KernelCall } from './body.js';
import { addressOf } from './place.js';

/** Elements that are not divided further: a line of the cache. */
const unit = 16;

/** All parts of a sweep: threads share the sum of their elements, so that small ones do not leave a thread without work. */
export function sweptParts(
  writer: BodyWriter,
  { index, rest, instruction, solo }: KernelCall,
): Code {
  const { extents, inputs, outputs } = instruction as Extract<Instruction, { kind: 'sweep' }>;
  const units = extents.map((extent) => Math.ceil(extent / unit));
  const { f } = writer;
  const [begin, end] = [f.i32(), f.i32()];
  const total = units.reduce((all, count) => all + count, 0);
  const perPart = (list: readonly number[], part: number) => {
    const count = list.length / extents.length;
    return list.slice(part * count, (part + 1) * count);
  };
  let first = 0;
  const parts = extents.map((extent, part) => {
    const [from, to] = [f.i32(), f.i32()];
    const count = units[part] as number;
    const clamp = (local: Local, at: Local, most: number) =>
      seq(
        local.set(i32.mul(i32.sub(at.get, i32.const(first)), i32.const(unit))),
        local.set(choose(i32.ltS(local.get, i32.const(most)), local.get, i32.const(most))),
      );
    const buffers = [...perPart(inputs, part), ...perPart(outputs, part)].map((value) =>
      addressOf(writer.place(value)),
    );
    const code = seq(
      clamp(from, begin, count * unit),
      when(i32.ltS(from.get, i32.const(0)), from.set(i32.const(0))),
      clamp(to, end, extent),
      when(i32.ltS(from.get, to.get), callFunction(index, from.get, to.get, ...rest, ...buffers)),
    );
    first += count;
    return code;
  });
  const cut = (thread: Code): Code =>
    i32.divU(i32.mul(i32.const(total), thread), writer.threads.get);
  const share = solo
    ? seq(begin.set(i32.const(0)), end.set(i32.const(total)))
    : seq(
        begin.set(cut(writer.thread.get)),
        end.set(cut(i32.add(writer.thread.get, i32.const(1)))),
      );
  const all = seq(share, ...parts);
  return solo ? writer.onFirst(all) : all;
}
