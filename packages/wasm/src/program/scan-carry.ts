import type { Program } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { BodyWriter } from './body.js';
import { addressOf, given, type Place } from './place.js';

/** One carry of a scan: where a turn finds it and where it makes the next, and what happens before, between and after turns. */
export interface ScanCarry {
  readonly now: Place;
  readonly next: Place;
  begin(): Code;
  /** After turn `turn`, counted from 0. */
  advance(turn: Code): Code;
  finish(): Code;
}

export interface CarryMemory {
  readonly start: Place;
  /** Where it must be in the end. */
  readonly end: Place;
  readonly bytes: number;
  /** Memory of the loop's own for one carry. */
  readonly cell: Place;
}

/** Rows of a stacked result, walked from `first` by `step` bytes. */
export interface StackRows {
  readonly stack: Place;
  readonly first: number;
  readonly step: number;
  readonly length: number;
}

/** Goes to and fro between two memories, so that the last turn makes it where it must be. */
export function alternating({ f }: BodyWriter, memory: CarryMemory, length: number): ScanCarry {
  const [now, next, other] = [f.i32(), f.i32(), f.i32()];
  const [first, second] = length % 2 === 1 ? [memory.end, memory.cell] : [memory.cell, memory.end];
  return {
    now: given(now),
    next: given(next),
    begin: () =>
      seq(
        now.set(addressOf(memory.start)),
        next.set(addressOf(first)),
        other.set(addressOf(second)),
      ),
    advance: () => seq(now.set(next.get), next.set(other.get), other.set(now.get)),
    finish: () => [],
  };
}

/** Lies in the stack of what it was before each turn, so that nothing has to be copied there. */
export function alongHistory(around: BodyWriter, memory: CarryMemory, rows: StackRows): ScanCarry {
  const { f } = around;
  const [now, next] = [f.i32(), f.i32()];
  const { length, step } = rows;
  const first = i32.add(addressOf(rows.stack), i32.const(rows.first));
  const end = next.set(addressOf(memory.end));
  return {
    now: given(now),
    next: given(next),
    begin: () =>
      seq(
        now.set(first),
        around.copy(given(now), memory.start, memory.bytes),
        length === 1 ? end : next.set(i32.add(now.get, i32.const(step))),
      ),
    // The last turn makes it where it must be in the end.
    advance: (turn) =>
      seq(now.set(next.get), when(i32.eq(turn, i32.const(length - 2)), end, next.increase(step))),
    finish: () => [],
  };
}

/** Is made in the stack of what it is after each turn, and copied to its end from there. */
export function alongResults(around: BodyWriter, memory: CarryMemory, rows: StackRows): ScanCarry {
  const { f } = around;
  const [now, next] = [f.i32(), f.i32()];
  return {
    now: given(now),
    next: given(next),
    begin: () =>
      seq(
        now.set(addressOf(memory.start)),
        next.set(i32.add(addressOf(rows.stack), i32.const(rows.first))),
      ),
    advance: () => seq(now.set(next.get), next.increase(rows.step)),
    finish: () => around.copy(memory.end, given(now), memory.bytes),
  };
}

/** Which stacked result of a body is a carry as it was before the turn, or as the turn makes it; -1 for none. */
export function stackOfCarry(
  { inputs, outputs, values }: Program,
  carry: number,
  carries: number,
): { readonly history: number; readonly results: number } {
  const next = outputs[carry] as number;
  const storage = values[next]?.storage;
  const own = storage?.kind === 'output' && storage.index === carry;
  return {
    history: outputs.indexOf(inputs[carry] as number, carries),
    results: own ? outputs.indexOf(next, carries) : -1,
  };
}
