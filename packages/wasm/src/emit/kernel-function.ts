import { type Code, seq } from '../encoder/code.js';
import {
  callFunction,
  either,
  type FunctionBuilder,
  type Local,
  type ValueType,
  when,
} from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';

/** What the host and the options of the device let kernels use. */
export interface Target {
  /** Multiply-add that rounds once. Without it results are the same on every host. */
  readonly relaxedSimd: boolean;
  /** Index of the function `barrier(threads)`. */
  readonly barrier: number;
}

/** Words of the context that a kernel is called with: what the run is a function of, in bytes from its address. */
export const contextLayout = {
  seed0: 0,
  seed1: 4,
  step: 8,
  /** The key of the loop around (see RunContext.iteration), and 1 where there is one. */
  iteration0: 12,
  iteration1: 16,
  iterates: 20,
  /** Address of the failures of the run: a slot for every thread. */
  failures: 24,
  bytes: 64,
} as const;

/** A thread's failure, in bytes from its slot: the first one is kept. */
export const failureLayout = {
  /** 0 none, 1 raised, 2 with the instruction that raised it. */
  state: 0,
  instruction: 4,
  position: 8,
  value: 12,
  /** Instructions that may fail which the thread has passed in this step, and how many those were at the failure. */
  passed: 16,
  failedAt: 20,
  bytes: 32,
} as const;

const fixedParams = 5;

/** Rows that threads share are shared in groups of so many, which are the rows of a tile, where there are enough for that. */
export const rowGroup = 4;
export const enoughRows = 32;

export const kernelParams = (buffers: number): ValueType[] =>
  new Array<ValueType>(fixedParams + buffers).fill('i32');

/**
 * A kernel while it is written: the function `(thread, threads, shared, own, context, ...inputs, ...outputs)`, all i32.
 * Every thread calls it, with its number and how many they are, and does its part of the work: results must not depend on
 * how many. Buffers are given by address, so that equal kernels over other memory are one function.
 */
export class KernelFunction {
  readonly f: FunctionBuilder;
  readonly target: Target;
  readonly thread: Local;
  readonly threads: Local;
  readonly context: Local;
  /** Addresses. */
  readonly inputs: readonly Local[];
  readonly outputs: readonly Local[];
  private readonly sharedBase: Local;
  private readonly ownBase: Local;
  /** Bytes of scratch that are asked for so far. */
  sharedBytes = 0;
  ownBytes = 0;
  /** Whether it may call `fail`. */
  fallible = false;
  /** The numbers of rows of which threads have parts; 0 for any other division of work. */
  private readonly divisions = new Set<number>();

  constructor(f: FunctionBuilder, target: Target, inputs: number) {
    const [thread, threads, shared, own, context, ...buffers] = f.params as Local[];
    this.f = f;
    this.target = target;
    this.thread = thread as Local;
    this.threads = threads as Local;
    this.sharedBase = shared as Local;
    this.ownBase = own as Local;
    this.context = context as Local;
    this.inputs = buffers.slice(0, inputs);
    this.outputs = buffers.slice(inputs);
  }

  /** The address of scratch that all threads see, 64-byte aligned. What it holds is lost when the kernel ends. */
  shared(bytes: number): Code {
    const offset = this.sharedBytes;
    this.sharedBytes += Math.ceil(bytes / 64) * 64;
    return i32.add(this.sharedBase.get, i32.const(offset));
  }

  /** The address of scratch of this thread alone. */
  own(bytes: number): Code {
    const offset = this.ownBytes;
    this.ownBytes += Math.ceil(bytes / 64) * 64;
    return i32.add(this.ownBase.get, i32.const(offset));
  }

  /** Waits until all threads are here. Every thread must come by as often. */
  barrier(): Code {
    return callFunction(this.target.barrier, this.threads.get);
  }

  /** How many rows the threads share where each thread works on rows by `shareRows`, and on nothing else. */
  get sharedRows(): number | undefined {
    const [rows, ...others] = this.divisions;
    return rows && others.length === 0 ? rows : undefined;
  }

  /** What the first thread does alone. */
  onFirst(code: Code): Code {
    this.divisions.add(0);
    return when(i32.eqz(this.thread.get), code);
  }

  /** This thread's part of `units` pieces of work in a row: sets `begin` and `end`. At most 2^31 / threads units. */
  share(units: Code | number, begin: Local, end: Local): Code {
    this.divisions.add(0);
    return this.cut(units, begin, end);
  }

  /** This thread's rows: sets `begin` and `end`. They are the same in every kernel that shares as many rows. */
  shareRows(rows: number, begin: Local, end: Local): Code {
    this.divisions.add(rows);
    if (rows < enoughRows) return this.cut(rows, begin, end);
    const scaled = (local: Local) => local.set(i32.mul(local.get, i32.const(rowGroup)));
    return seq(
      this.cut(Math.ceil(rows / rowGroup), begin, end),
      scaled(begin),
      scaled(end),
      end.set(this.min(end, i32.const(rows))),
    );
  }

  private cut(units: Code | number, begin: Local, end: Local): Code {
    const count = typeof units === 'number' ? i32.const(units) : units;
    const cut = (thread: Code): Code => i32.divU(i32.mul(count, thread), this.threads.get);
    return seq(
      begin.set(cut(this.thread.get)),
      end.set(cut(i32.add(this.thread.get, i32.const(1)))),
    );
  }

  /** a * b + c on four lanes. */
  fma(a: Code, b: Code, c: Code): Code {
    return this.target.relaxedSimd ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
  }

  /** Notes a failure with the position and value of what is wrong, and goes on; the run fails when its step has ended. */
  fail(position: Code, value: Code): Code {
    this.fallible = true;
    const slot = this.f.i32();
    const { state, position: at, value: held, bytes } = failureLayout;
    const base = i32.load(this.context.get, contextLayout.failures);
    return seq(
      slot.set(i32.add(base, i32.mul(this.thread.get, i32.const(bytes)))),
      when(
        i32.eqz(i32.load(slot.get, state)),
        seq(
          i32.store(slot.get, i32.const(1), state),
          i32.store(slot.get, position, at),
          i32.store(slot.get, value, held),
        ),
      ),
    );
  }

  /** The smaller of two i32. */
  min(a: Local, b: Code): Code {
    return either('i32', i32.ltS(a.get, b), a.get, b);
  }
}
