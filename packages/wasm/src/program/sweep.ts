import type { Instruction } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { callFunction, choose, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { BodyWriter, KernelCall } from './body.js';
import { addressOf } from './place.js';

/** Elements that are not divided further: a line of the cache. */
const unit = 16;

/**
 * All parts of a sweep. Threads share each part by itself, as they share the rows of the gradients that it reads: so most of
 * what a thread reads it has made.
 */
export function sweptParts(
  writer: BodyWriter,
  { index, rest, instruction, solo }: KernelCall,
): Code {
  const { extents, inputs, outputs } = instruction as Extract<Instruction, { kind: 'sweep' }>;
  const { f, thread, threads } = writer;
  const [from, to] = [f.i32(), f.i32()];
  const perPart = (list: readonly number[], part: number) => {
    const count = list.length / extents.length;
    return list.slice(part * count, (part + 1) * count);
  };
  const parts = extents.map((extent, part) => {
    const units = i32.const(Math.ceil(extent / unit));
    const cut = (at: Code): Code =>
      i32.mul(i32.divU(i32.mul(units, at), threads.get), i32.const(unit));
    const upTo = (local: Local, at: Code) =>
      seq(
        local.set(at),
        local.set(choose(i32.ltS(local.get, i32.const(extent)), local.get, i32.const(extent))),
      );
    const share = solo
      ? seq(from.set(i32.const(0)), to.set(i32.const(extent)))
      : seq(from.set(cut(thread.get)), upTo(to, cut(i32.add(thread.get, i32.const(1)))));
    const buffers = [...perPart(inputs, part), ...perPart(outputs, part)].map((value) =>
      addressOf(writer.place(value)),
    );
    const call = callFunction(index, from.get, to.get, ...rest, ...buffers);
    return seq(share, when(i32.ltS(from.get, to.get), call));
  });
  const all = seq(...parts);
  return solo ? writer.onFirst(all) : all;
}
