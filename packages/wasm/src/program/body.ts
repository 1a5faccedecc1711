import type { Instruction, Value } from '@tenon/core';
import { failureLayout } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { callFunction, type FunctionBuilder, type Local, when } from '../encoder/function.js';
import type { ModuleBuilder } from '../encoder/module.js';
import { i32 } from '../encoder/scalar.js';
import { costOf } from './cost.js';
import { bytesOf, type Frame } from './frame.js';
import { type Access, Hazards } from './hazards.js';
import { isKernel, type KernelInstruction, type KernelTable } from './kernel-table.js';
import { addressOf, type Place, rangeOf } from './place.js';
import { rowLocal } from './row-local.js';
import { sweptParts } from './sweep.js';

/** What all bodies of a module share. */
export interface Assembly {
  readonly module: ModuleBuilder;
  readonly kernels: KernelTable;
  /** Indices of functions. */
  readonly barrier: number;
  readonly hostCall: number;
  /** Writes the random key of a turn; see `turn-key.ts`. */
  readonly turnKey: () => number;
  readonly keptBase: number;
  readonly arenaBase: number;
  readonly shared: number;
  readonly failures: number;
  /** Writes control flow; see `region.ts`. */
  region(
    around: BodyWriter,
    instruction: Extract<Instruction, { kind: 'region' }>,
    index: number,
  ): Code;
  /** Numbers instructions, for failures and calls of the host. */
  number(instruction: Instruction, frame: Frame): number;
}

/** The values of a frame as its body sees them. */
export interface Surroundings {
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  readonly variables: readonly Place[];
}

/** A call of the function of a kernel. */
export interface KernelCall {
  readonly index: number;
  /** Parameters between the thread's and the buffers. */
  readonly rest: readonly Code[];
  readonly instruction: KernelInstruction;
  /** Whether the first thread does it alone. */
  readonly solo: boolean;
}

// Cheaper kernels are not worth dividing: one thread does them, in nanoseconds.
const soloCost = 1500;

/** Writes the instructions of one program: calls of kernels with addresses, and barriers where they are needed. */
export class BodyWriter {
  readonly f: FunctionBuilder;
  readonly assembly: Assembly;
  readonly frame: Frame;
  readonly hazards = new Hazards();
  /** What the kernels of the body touch. */
  readonly accesses: Access[] = [];
  /** Whether threads run through the body without waiting for each other. */
  free = true;
  readonly thread: Local;
  readonly threads: Local;
  /** The address of this thread's own scratch. */
  readonly own: Local;
  private readonly around: Surroundings;

  constructor(
    f: FunctionBuilder,
    assembly: Assembly,
    { frame, around, own }: { frame: Frame; around: Surroundings; own: Local },
  ) {
    this.f = f;
    this.assembly = assembly;
    this.frame = frame;
    this.around = around;
    this.own = own;
    [this.thread, this.threads] = f.params as [Local, Local];
  }

  value(number: number): Value {
    return this.frame.program.values[number] as Value;
  }

  place(number: number): Place {
    const { storage } = this.value(number);
    const { keptBase, arenaBase } = this.assembly;
    switch (storage.kind) {
      case 'arena':
        return { kind: 'fixed', address: arenaBase + this.frame.arena + storage.offset };
      case 'constant':
        return {
          kind: 'fixed',
          address: keptBase + (this.frame.constants.get(number) as number),
        };
      default:
        return this.around[`${storage.kind}s`][storage.index] as Place;
    }
  }

  variable(index: number): Place {
    return this.around.variables[index] as Place;
  }

  cell(instruction: number, index: number): Place {
    const cells = this.frame.cells.get(instruction) as readonly number[];
    return { kind: 'fixed', address: this.assembly.keptBase + (cells[index] as number) };
  }

  get context(): number {
    return this.assembly.keptBase + this.frame.context;
  }

  barrier(): Code {
    this.free = false;
    this.hazards.clear();
    return callFunction(this.assembly.barrier, this.threads.get);
  }

  onFirst(code: Code): Code {
    return when(i32.eqz(this.thread.get), code);
  }

  /** The instructions from `from` to before `to`. */
  instructions(from: number, to: number): Code {
    return seq(
      ...this.frame.program.instructions
        .slice(from, to)
        .map((instruction, i) => this.instruction(instruction, from + i)),
    );
  }

  private instruction(instruction: Instruction, index: number): Code {
    if (isKernel(instruction)) return this.kernel(instruction);
    switch (instruction.kind) {
      case 'region':
        return this.assembly.region(this, instruction, index);
      default:
        return this.host(instruction, index);
    }
  }

  /** What a kernel touches, of which threads share so many rows. */
  private access(instruction: KernelInstruction, rows: number | undefined) {
    const numbers = [...instruction.inputs, ...instruction.outputs];
    const values = numbers.map((number) => this.value(number));
    const local = rows === undefined ? [] : rowLocal(instruction, rows, values);
    const ranges = numbers.map((number, i) =>
      rangeOf(this.place(number), bytesOf(values[i] as Value), local[i] ? rows : undefined),
    );
    const inputs = instruction.inputs.length;
    return { reads: ranges.slice(0, inputs), writes: ranges.slice(inputs) };
  }

  private kernel(instruction: KernelInstruction): Code {
    const { shared, kernels } = this.assembly;
    const { index, sharedBytes, fallible, sharedRows } = kernels.get(
      instruction,
      instruction.inputs.map((number) => this.value(number).dtype),
    );
    const solo = costOf(instruction) < soloCost;
    const { reads, writes } = this.access(instruction, solo ? undefined : sharedRows);
    if (sharedBytes > 0) writes.push({ space: -1, from: shared, to: shared + sharedBytes });
    const access: Access = { reads, writes, solo };
    this.accesses.push(access);
    const waits = this.hazards.follows(access);
    if (waits) this.free = false;
    const rest = [i32.const(shared), this.own.get, i32.const(this.context)];
    const given = { index, rest, instruction, solo };
    const call = instruction.kind === 'sweep' ? sweptParts(this, given) : this.called(given);
    const barrier = callFunction(this.assembly.barrier, this.threads.get);
    return seq(waits ? barrier : [], call, fallible ? this.noteFailure(instruction) : []);
  }

  private called({ index, rest, instruction, solo }: KernelCall): Code {
    const buffers = [...instruction.inputs, ...instruction.outputs].map((number) =>
      addressOf(this.place(number)),
    );
    return solo
      ? this.onFirst(callFunction(index, i32.const(0), i32.const(1), ...rest, ...buffers))
      : callFunction(index, this.thread.get, this.threads.get, ...rest, ...buffers);
  }

  /** Where this thread notes its failure. */
  private failureSlot(): Code {
    const offset = i32.mul(this.thread.get, i32.const(failureLayout.bytes));
    return i32.add(i32.const(this.assembly.failures), offset);
  }

  /** Begins to count instructions that may fail. */
  beginCount(): Code {
    return i32.store(this.failureSlot(), i32.const(0), failureLayout.passed);
  }

  /** Tells which instruction a failure of this thread came from, and when it was: all threads pass the same instructions. */
  private noteFailure(instruction: Instruction): Code {
    const { state, instruction: named, passed, failedAt } = failureLayout;
    const slot = this.f.i32();
    const number = this.assembly.number(instruction, this.frame);
    const failed = seq(
      i32.store(slot.get, i32.const(2), state),
      i32.store(slot.get, i32.const(number), named),
      i32.store(slot.get, i32.load(slot.get, passed), failedAt),
    );
    return seq(
      slot.set(this.failureSlot()),
      when(i32.eq(i32.load(slot.get, state), i32.const(1)), failed),
      i32.store(slot.get, i32.add(i32.load(slot.get, passed), i32.const(1)), passed),
    );
  }

  /** The first thread calls out of the module, with the addresses of inputs and outputs; the others wait. */
  private host(instruction: Instruction, index: number): Code {
    const cell = addressOf(this.cell(index, 0));
    const addresses = [...instruction.inputs, ...instruction.outputs].map((number, i) =>
      i32.store(cell, addressOf(this.place(number)), 4 * i),
    );
    const number = this.assembly.number(instruction, this.frame);
    const call = callFunction(this.assembly.hostCall, i32.const(number), cell);
    return seq(this.barrier(), this.onFirst(seq(...addresses, call)), this.barrier());
  }

  /** Copies bytes, each thread a part. */
  copy(to: Place, from: Place, bytes: number): Code {
    if (bytes === 0) return [];
    const [begin, end] = [this.f.i32(), this.f.i32()];
    // In pieces of 64 bytes, so that the product with the number of threads stays below 2^32.
    const pieces = Math.ceil(bytes / 64);
    const cut = (thread: Code): Code =>
      i32.mul(i32.divU(i32.mul(i32.const(pieces), thread), this.threads.get), i32.const(64));
    return seq(
      begin.set(cut(this.thread.get)),
      end.set(cut(i32.add(this.thread.get, i32.const(1)))),
      when(i32.gtU(end.get, i32.const(bytes)), end.set(i32.const(bytes))),
      seq(
        i32.add(addressOf(to), begin.get),
        i32.add(addressOf(from), begin.get),
        i32.sub(end.get, begin.get),
        [0xfc, 0x0a, 0, 0],
      ),
    );
  }
}
