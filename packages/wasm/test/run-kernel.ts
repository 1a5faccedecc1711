import type { TypedArray } from '@tenon/core';
import {
  contextLayout,
  failureLayout,
  KernelFunction,
  kernelParams,
} from '../src/emit/kernel-function.js';
import type { Code } from '../src/encoder/code.js';
import { ModuleBuilder } from '../src/encoder/module.js';
import { mostPages, type WasmFunction, webAssembly } from '../src/encoder/webassembly.js';

export interface KernelRun {
  readonly inputs: readonly TypedArray[];
  /** Arrays of the size and dtype of the outputs; they get the results. */
  readonly outputs: readonly TypedArray[];
  /** How many threads the work is split for; they run one after the other, so a kernel with barriers needs 1, or `passes`. */
  readonly threads?: number;
  /** How often all threads are run: a kernel whose barriers part it in phases is right after as many passes. */
  readonly passes?: number;
  readonly relaxedSimd?: boolean;
  /** seed0, seed1, step, iteration0, iteration1, iterates */
  readonly context?: readonly number[];
  /** Runs again and again for about so many seconds and gives seconds a run. */
  readonly seconds?: number;
}

export interface KernelResult {
  /** Failures by thread: [position, value]. */
  readonly failures: readonly (readonly [number, number])[];
  readonly seconds: number;
}

const aligned = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** Runs one kernel in a module of its own. */
export function runKernel(emit: (kernel: KernelFunction) => Code, run: KernelRun): KernelResult {
  const {
    inputs,
    outputs,
    threads = 1,
    passes = 1,
    relaxedSimd = false,
    context = [],
    seconds = 0,
  } = run;
  const module = new ModuleBuilder();
  module.importMemory('host', 'memory', { shared: false, most: mostPages });
  const barrier = module.add({ params: ['i32'], results: [] }, () => []);
  const made: KernelFunction[] = [];
  const buffers = [...inputs, ...outputs];
  const index = module.add({ params: kernelParams(buffers.length), results: [] }, (f) => {
    const kernel = new KernelFunction(f, { relaxedSimd, barrier }, inputs.length);
    made.push(kernel);
    return emit(kernel);
  });
  module.export('kernel', index);
  const kernel = made[0] as KernelFunction;
  const contextAt = 1024;
  const failuresAt = contextAt + contextLayout.bytes;
  let next = aligned(failuresAt + threads * failureLayout.bytes);
  const place = (bytes: number) => {
    const at = next;
    next = aligned(next + bytes) + 64;
    return at;
  };
  const places = buffers.map((array) => place(array.byteLength));
  const shared = place(kernel.sharedBytes);
  const owns = Array.from({ length: threads }, () => place(kernel.ownBytes));
  const memory = new webAssembly.Memory({
    initial: Math.ceil(next / 65536) + 1,
    maximum: mostPages,
    shared: false,
  });
  const compiled = new webAssembly.Module(module.encode());
  const { exports } = new webAssembly.Instance(compiled, { host: { memory } });
  const call = exports.kernel as WasmFunction;
  const bytes = (array: TypedArray) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  buffers.forEach((array, i) =>
    new Uint8Array(memory.buffer, places[i], array.byteLength).set(bytes(array)),
  );
  const words = new Int32Array(memory.buffer);
  context.forEach((word, i) => (words[contextAt / 4 + i] = word));
  words[(contextAt + contextLayout.failures) / 4] = failuresAt;
  const once = () => {
    for (let t = 0; t < threads; t++)
      call(t, threads, shared, owns[t] as number, contextAt, ...places);
  };
  for (let pass = 0; pass < passes; pass++) once();
  outputs.forEach((array, i) =>
    bytes(array).set(new Uint8Array(memory.buffer, places[inputs.length + i], array.byteLength)),
  );
  const failures = Array.from(
    { length: threads },
    (_, t) => (failuresAt + t * failureLayout.bytes) / 4,
  )
    .filter((slot) => words[slot] !== 0)
    .map((slot) => [words[slot + 2] as number, words[slot + 3] as number] as const);
  return { failures, seconds: seconds > 0 ? timed(once, seconds) : 0 };
}

function timed(once: () => void, seconds: number): number {
  for (let start = performance.now(); performance.now() - start < seconds * 300; ) once();
  let best = Number.POSITIVE_INFINITY;
  for (let start = performance.now(); performance.now() - start < seconds * 1000; ) {
    const before = performance.now();
    once();
    best = Math.min(best, performance.now() - before);
  }
  return best / 1000;
}
