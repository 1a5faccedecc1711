import type { Kernel, Statement } from '@tenon/core';
import { bytesOf } from '../emit/element.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { emitNest, emitPart } from './loop-nest.js';
import { hasRows, lanesAreRows, withRowsOfLanes } from './rows-of-lanes.js';
import { splitReduction } from './split-reduction.js';

/**
 * A part of a sweep: the elements from the kernel's first parameter, a multiple of 16, to its second, in place of the number of the
 * thread and how many there are. How many elements there are in all is known to the caller only.
 */
export const emitSweptPart = (kernel: Kernel, k: KernelFunction): Code =>
  emitPart(k, kernel, [...k.inputs, ...k.outputs]);

/** A kernel of the loop IR. Sections between barriers follow each other; long reductions are split for the threads. */
export function emitLoopKernel(given: Kernel, k: KernelFunction): Code {
  const kernel = withRowsOfLanes(given);
  const rows = kernel.buffers.flatMap(({ access, dtype, ...buffer }) =>
    'elements' in buffer ? [(buffer.elements as number) * bytesOf(dtype)] : [],
  );
  const scratch = rows.map((bytes) => ({ local: k.f.i32(), bytes }));
  const bases = [...k.inputs, ...k.outputs, ...scratch.map(({ local }) => local)];
  const starts = scratch.map(({ local, bytes }) => local.set(k.own(bytes)));
  // Rows that are spread over lanes are not spread again.
  const spread = hasRows(given) ? lanesAreRows(given) : undefined;
  const parts = sections(kernel.body).map((body) =>
    emitSection(k, { ...kernel, body }, { bases, spread }),
  );
  return seq(...starts, ...parts.flatMap((part, i) => (i === 0 ? [part] : [k.barrier(), part])));
}

function sections(body: readonly Statement[]): Statement[][] {
  const parts: Statement[][] = [[]];
  for (const statement of body) {
    if (statement.kind === 'barrier') parts.push([]);
    else parts.at(-1)?.push(statement);
  }
  return parts;
}

interface Section {
  readonly bases: readonly Local[];
  /** Whether its lanes are rows, where that is decided. */
  readonly spread: boolean | undefined;
}

function emitSection(k: KernelFunction, kernel: Kernel, { bases, spread }: Section): Code {
  const split = splitReduction(kernel);
  if (!split) return emitNest(k, kernel, bases, spread);
  const partial = split.bytes.map((bytes) => ({ local: k.f.i32(), bytes }));
  const places = [...bases, ...partial.map(({ local }) => local)];
  return seq(
    ...partial.map(({ local, bytes }) => local.set(k.shared(bytes))),
    ...split.partial.map((part) => emitNest(k, part, places)),
    k.barrier(),
    emitNest(k, split.combining, places),
  );
}
