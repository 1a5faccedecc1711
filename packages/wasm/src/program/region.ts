import type { Instruction, RegionLowering } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { BodyWriter } from './body.js';
import type { Frame } from './frame.js';
import { NestedBody } from './nested-body.js';
import { addressOf, type Place } from './place.js';
import { emitScan } from './scan.js';
import { emitWhile } from './while.js';

export type RegionInstruction = Extract<Instruction, { kind: 'region' }>;

/** A region instruction with what its writer needs. */
export interface RegionOf<K extends RegionLowering['region']> {
  readonly instruction: RegionInstruction;
  readonly index: number;
  readonly region: Extract<RegionLowering, { region: K }>;
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  readonly bodies: readonly NestedBody[];
}

const writers = { cond: emitCond, call: emitCall, scan: emitScan, while: emitWhile } satisfies {
  [K in RegionLowering['region']]: (around: BodyWriter, region: RegionOf<K>) => Code;
};

/** Control flow inside the module: all threads take the same way. What is before has ended, and it has ended for what follows. */
export function emitRegion(
  around: BodyWriter,
  instruction: RegionInstruction,
  index: number,
): Code {
  const frames = around.frame.children.get(index) as readonly Frame[];
  const write = writers[instruction.region.region] as unknown as (
    around: BodyWriter,
    region: RegionOf<never>,
  ) => Code;
  const before = around.barrier();
  const code = write(around, {
    instruction,
    index,
    region: instruction.region as never,
    inputs: instruction.inputs.map((value) => around.place(value)),
    outputs: instruction.outputs.map((value) => around.place(value)),
    bodies: frames.map((frame) => new NestedBody(around.assembly, frame)),
  });
  return seq(before, code, around.barrier());
}

function emitCall(around: BodyWriter, { bodies, inputs, outputs }: RegionOf<'call'>): Code {
  return (bodies[0] as NestedBody).call(around, inputs, outputs);
}

function emitCond(around: BodyWriter, { bodies, inputs, outputs }: RegionOf<'cond'>): Code {
  const [predicate, ...captures] = inputs as [Place, ...Place[]];
  const [whenTrue, whenFalse] = bodies.map((body) => body.call(around, captures, outputs)) as [
    Code,
    Code,
  ];
  return when(i32.load8u(addressOf(predicate)), whenTrue, whenFalse);
}
