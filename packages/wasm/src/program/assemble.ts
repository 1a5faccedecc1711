import type { Instruction, Program, Value } from '@tenon/core';
import { failureLayout, type Target } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { ModuleBuilder } from '../encoder/module.js';
import { i32 } from '../encoder/scalar.js';
import { mostPages } from '../encoder/webassembly.js';
import { emitBarrier } from '../threads/barrier.js';
import { type Assembly, BodyWriter } from './body.js';
import { bytesOf, type Frame, FrameLayout } from './frame.js';
import { isKernel, type KernelCache, KernelTable } from './kernel-table.js';
import { fixed, type Place } from './place.js';
import { emitRegion } from './region.js';
import { addTurnKey } from './turn-key.js';

/** What a device gives to make a module of a program. */
export interface AssembleOptions {
  readonly relaxedSimd: boolean;
  readonly shared: boolean;
  /** The most threads that will ever run it. */
  readonly threads: number;
  readonly cache: KernelCache;
  /** Addresses of the program's variables. */
  readonly variables: readonly number[];
  /** Memory for the program. */
  allocate(bytes: number): number;
}

export interface AssembledProgram {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the program's memory. */
  readonly address: number;
  readonly context: number;
  readonly failures: number;
  /** Of the inputs, and of every value of the program. */
  readonly inputs: readonly number[];
  readonly values: readonly number[];
  /** Instructions by their number, for failures and calls of the host. */
  readonly numbered: readonly { readonly instruction: Instruction; readonly program: Program }[];
  /** Constants with their addresses. */
  readonly constants: readonly {
    readonly program: Program;
    readonly value: number;
    readonly address: number;
  }[];
  /** Instructions after which the step returns for something to arrive; the phase after the last commits. */
  readonly pauses: readonly number[];
  readonly kernels: number;
}

/** Writes the module of a program: `step(thread, threads, phase)`, which runs the instructions between two pauses or commits. */
export function assemble(program: Program, options: AssembleOptions): AssembledProgram {
  const module = new ModuleBuilder();
  module.importMemory('host', 'memory', { shared: options.shared, most: mostPages });
  const call = { params: ['i32', 'i32'], results: [] } as const;
  const hostCall = module.importFunction('host', 'call', call);
  const barrier = emitBarrier(module, options.shared);
  const target: Target = { relaxedSimd: options.relaxedSimd, barrier };
  const kernels = new KernelTable(module, target, options.cache);
  const layout = new FrameLayout();
  const failures = layout.keep(options.threads * failureLayout.bytes);
  const frame = layout.frame(program);
  const inputs = program.inputs.map((value) =>
    layout.keep(bytesOf(program.values[value] as never)),
  );
  const temporaries = program.commits.map(({ value }) => {
    const { storage } = program.values[value] as Program['values'][number];
    return storage.kind === 'variable' ? layout.keep(bytesOf(program.values[value] as never)) : -1;
  });
  // Scratch follows the arenas, and how much kernels need is known when they are written.
  writeKernels(frame, kernels);
  const arena = layout.keptBytes;
  const shared = arena + layout.arenaBytes;
  const own = shared + kernels.sharedBytes;
  const base = options.allocate(own + options.threads * kernels.ownBytes);
  const numbered: { instruction: Instruction; program: Program }[] = [];
  let turnKey: number | undefined;
  const assembly: Assembly = {
    module,
    kernels,
    barrier,
    hostCall,
    region: emitRegion,
    turnKey: () => (turnKey ??= addTurnKey(module)),
    keptBase: base,
    arenaBase: base + arena,
    shared: base + shared,
    failures: base + failures,
    number: (instruction, { program: inside }) =>
      numbered.push({ instruction, program: inside }) - 1,
  };
  const around = {
    inputs: inputs.map((offset) => fixed(base + offset)),
    outputs: [],
    variables: options.variables.map(fixed),
  };
  const pauses = program.instructions.flatMap(({ kind }, i) => (kind === 'receive' ? [i] : []));
  const places: number[] = [];
  const step = module.add({ params: ['i32', 'i32', 'i32'], results: [] }, (f) => {
    const ownLocal = f.i32();
    const writer = new BodyWriter(f, assembly, { frame, around, own: ownLocal });
    places.push(
      ...program.values.map((_, value) => (writer.place(value) as { address: number }).address),
    );
    const [thread, , phase] = f.params as [Local, Local, Local];
    const mine = i32.mul(thread.get, i32.const(kernels.ownBytes));
    const bounds = [-1, ...pauses, program.commitFrom];
    // Each phase is a call of its own, which ends with a barrier.
    const phases = bounds.slice(1).map((end, i) => {
      writer.hazards.clear();
      return writer.instructions((bounds[i] as number) + 1, end);
    });
    writer.hazards.clear();
    phases.push(commit(writer, program, temporaries));
    return seq(
      ownLocal.set(i32.add(mine, i32.const(base + own))),
      writer.beginCount(),
      ...phases.map((code, i) => when(i32.eq(phase.get, i32.const(i)), code)),
      writer.barrier(),
    );
  });
  module.export('step', step);
  return {
    bytes: module.encode(),
    address: base,
    context: base + frame.context,
    failures: base + failures,
    inputs: inputs.map((offset) => base + offset),
    values: places,
    numbered,
    constants: constantsOf(frame, base),
    pauses,
    kernels: kernels.size,
  };
}

/**
 * Sets the variables: by the last instructions, which write them in place, and by copies. A new value may be that of another
 * variable, so those are read before any is written.
 */
function commit(writer: BodyWriter, program: Program, temporaries: readonly number[]): Code {
  const moves = program.commits.map(({ variable, value }, i) => {
    const bytes = bytesOf(writer.value(value));
    const temporary = temporaries[i] as number;
    const held: Place | undefined =
      temporary < 0 ? undefined : fixed(writer.assembly.keptBase + temporary);
    const source = writer.place(value);
    return {
      save: held ? writer.copy(held, source, bytes) : [],
      store: () => writer.copy(writer.variable(variable), held ?? source, bytes),
    };
  });
  const { instructions, commitFrom } = program;
  const saves = seq(...moves.map(({ save }) => save));
  const writes = commitFrom < instructions.length;
  return seq(
    saves,
    saves.length > 0 ? writer.barrier() : [],
    writer.instructions(commitFrom, instructions.length),
    writes && moves.length > 0 ? writer.barrier() : [],
    ...moves.map(({ store }) => store()),
  );
}

function writeKernels({ program, children }: Frame, kernels: KernelTable): void {
  for (const instruction of program.instructions) {
    if (!isKernel(instruction)) continue;
    const dtypes = instruction.inputs.map((value) => (program.values[value] as Value).dtype);
    kernels.get(instruction, dtypes);
  }
  for (const bodies of children.values()) for (const body of bodies) writeKernels(body, kernels);
}

function constantsOf(
  { program, constants, children }: Frame,
  base: number,
): AssembledProgram['constants'] {
  const own = [...constants].map(([value, offset]) => ({ program, value, address: base + offset }));
  const nested = [...children.values()].flat().flatMap((child) => constantsOf(child, base));
  return [...own, ...nested];
}
