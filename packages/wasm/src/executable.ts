import {
  type Executable,
  GraphError,
  HostTensor,
  type Program,
  type RunContext,
  readHost,
  runHostFunction,
  sizeOf,
  type TypedArray,
  type Value,
  writeHost,
} from '@tenon/core';
import { contextLayout, failureLayout } from './emit/kernel-function.js';
import type { WasmModule } from './encoder/webassembly.js';
import { webAssembly } from './encoder/webassembly.js';
import type { DeviceMemory } from './memory/device-memory.js';
import type { AssembledProgram } from './program/assemble.js';
import { failureOf } from './templates/failure.js';
import type { ThreadPool } from './threads/pool.js';

type Step = (thread: number, threads: number, phase: number) => void;

interface Compiled {
  readonly program: Program;
  readonly assembled: AssembledProgram;
  readonly module: WasmModule;
  readonly memory: DeviceMemory;
  readonly pool: ThreadPool;
  /** The most threads that the program is worth. */
  readonly threads: number;
}

/** The first failure of a thread. */
interface Failure {
  /** How many instructions that may fail it had passed. */
  readonly at: number;
  readonly instruction: number;
  readonly position: number;
  readonly value: number;
}

/** A compiled program with its memory: inputs, constants, arena and scratch in one block. */
export class WasmExecutable implements Executable {
  private readonly compiled: Compiled;
  private readonly step: Step;
  private readonly id: number;
  private readonly phases: number;
  private readonly fallible: boolean;
  private readonly views = new Map<number, TypedArray>();
  private words: Int32Array;
  private context: RunContext | undefined;
  /** What a host function threw; thrown again when the step has ended. */
  private thrown: { readonly error: unknown } | undefined;

  constructor(compiled: Compiled) {
    this.compiled = compiled;
    const { assembled, module, memory, pool, threads } = compiled;
    const call = (number: number, address: number) => this.callHost(number, address);
    const host = pool.imports(memory.wasm, call);
    this.step = new webAssembly.Instance(module, { host }).exports.step as unknown as Step;
    this.id = threads > 1 ? pool.load(module) : 0;
    this.phases = assembled.pauses.length + 1;
    this.fallible = assembled.numbered.length > 0;
    // The memory may have been another program's.
    this.words = memory.words(assembled.context, contextLayout.bytes / 4).fill(0);
    memory.words(assembled.failures, (pool.most * failureLayout.bytes) / 4).fill(0);
    this.words[contextLayout.failures / 4] = assembled.failures;
    for (const { program, value, address } of assembled.constants)
      this.writeConstant(program, value, address);
  }

  write(index: number, value: HostTensor): void {
    const number = this.compiled.program.inputs[index] as number;
    writeHost(this.view(number), this.value(number).dtype, value);
  }

  input(index: number): TypedArray | undefined {
    return this.hostView(this.compiled.program.inputs[index] as number);
  }

  output(index: number): TypedArray | undefined {
    return this.hostView(this.compiled.program.outputs[index] as number);
  }

  run(context: RunContext): void | Promise<void> {
    this.begin(context);
    if (this.phases > 1) return this.runWaiting(context);
    this.runPhase(0);
    this.end();
  }

  private async runWaiting(context: RunContext): Promise<void> {
    const { program, assembled } = this.compiled;
    for (let phase = 0; phase < this.phases; phase++) {
      this.runPhase(phase);
      const pause = assembled.pauses[phase];
      if (pause === undefined) break;
      const instruction = program.instructions[pause] as Program['instructions'][number];
      if (instruction.kind !== 'receive') break;
      this.checkFailures();
      const [output] = instruction.outputs as [number];
      const received = await context.rendezvous.receive(instruction.key, this.lasting(output));
      const view = this.view(output);
      if (received.data !== view) writeHost(view, this.value(output).dtype, received);
    }
    this.end();
  }

  read(index: number): HostTensor {
    return this.host(this.compiled.program.outputs[index] as number);
  }

  commit(): void {
    const { commits, commitFrom, instructions } = this.compiled.program;
    if (commits.length > 0 || commitFrom < instructions.length) this.runPhase(this.phases);
  }

  free(): void {
    const { memory, assembled, pool } = this.compiled;
    if (this.id > 0) pool.unload(this.id);
    memory.free(assembled.address);
  }

  private begin(context: RunContext): void {
    if (this.words.length === 0)
      this.words = this.compiled.memory.words(
        this.compiled.assembled.context,
        contextLayout.bytes / 4,
      );
    const { words } = this;
    words[contextLayout.seed0 / 4] = context.seed[0];
    words[contextLayout.seed1 / 4] = context.seed[1];
    words[contextLayout.step / 4] = context.step;
    this.context = context;
    this.thrown = undefined;
  }

  private end(): void {
    this.context = undefined;
    this.checkFailures();
  }

  private runPhase(phase: number): void {
    const { pool, threads } = this.compiled;
    const { step } = this;
    const usable = threads > 1 ? Math.min(threads, pool.ready(this.id)) : 1;
    if (usable > 1) pool.run(this.id, { threads: usable, phase, step });
    else step(0, 1, phase);
  }

  /** Throws what failed first, by instruction and position: the same whatever thread met it. */
  private checkFailures(): void {
    if (!this.fallible) return;
    const { assembled, memory, pool } = this.compiled;
    const size = failureLayout.bytes / 4;
    const words = memory.words(assembled.failures, pool.most * size);
    const found: Failure[] = [];
    for (let slot = 0; slot < words.length; slot += size) {
      if (words[slot] === 0) continue;
      const word = (offset: number) => words[slot + offset / 4] as number;
      found.push({
        at: word(failureLayout.failedAt),
        instruction: word(failureLayout.instruction),
        position: word(failureLayout.position),
        value: word(failureLayout.value),
      });
      words.fill(0, slot, slot + size);
    }
    const { thrown } = this;
    this.thrown = undefined;
    const [first] = found.sort((a, b) => a.at - b.at || a.position - b.position);
    if (first) throw this.failure(first);
    if (thrown) throw thrown.error;
  }

  private failure({ instruction: number, position, value }: Failure): GraphError {
    const { instruction } = this.compiled.assembled.numbered[
      number
    ] as AssembledProgram['numbered'][number];
    if (instruction.kind === 'template') return failureOf(instruction.template, position, value);
    return new GraphError('RUN_FAILED', instruction.where, {
      what: `the loop did not end within ${position} turns.`,
      fix: 'raise maximumIterations, or mend the condition.',
    });
  }

  /** A host function or a send; its error may not pass through the module, where other threads wait. */
  private callHost(number: number, address: number): void {
    if (this.thrown) return;
    try {
      // Addresses beyond 2 GiB come as negative numbers.
      this.hostInstruction(number, address >>> 0);
    } catch (error) {
      this.thrown = { error };
    }
  }

  private hostInstruction(number: number, address: number): void {
    const { assembled, memory } = this.compiled;
    const { instruction, program } = assembled.numbered[
      number
    ] as AssembledProgram['numbered'][number];
    const numbers = [...instruction.inputs, ...instruction.outputs];
    const places = memory.words(address, numbers.length);
    const views = numbers.map((value, i) => {
      const { dtype, shape } = program.values[value] as Value;
      return memory.view(dtype, (places[i] as number) >>> 0, sizeOf(shape));
    });
    const inputs = instruction.inputs.map((value, i) => {
      const { dtype, shape } = program.values[value] as Value;
      return new HostTensor(readHost(views[i] as TypedArray, dtype), shape, dtype);
    });
    if (instruction.kind === 'send')
      this.context?.rendezvous.send(instruction.key, inputs[0] as HostTensor);
    if (instruction.kind !== 'host') return;
    runHostFunction(instruction.node, inputs).forEach((value, i) => {
      writeHost(views[inputs.length + i] as TypedArray, value.dtype, value);
    });
  }

  private value(number: number): Value {
    return this.compiled.program.values[number] as Value;
  }

  private host(number: number): HostTensor {
    const { dtype, shape } = this.value(number);
    return new HostTensor(readHost(this.view(number), dtype), shape, dtype);
  }

  private hostView(number: number): TypedArray | undefined {
    const { dtype } = this.value(number);
    return dtype === 'float16' || dtype === 'bfloat16' ? undefined : this.view(number);
  }

  /** The memory of a value that may be written while others allocate: growing takes no memory away that threads share. */
  private lasting(number: number): TypedArray | undefined {
    const shared = typeof SharedArrayBuffer !== 'undefined';
    const view = this.hostView(number);
    return shared && view?.buffer instanceof SharedArrayBuffer ? view : undefined;
  }

  // Memory that grows without threads gets another buffer, and views of the old one are empty.
  private view(number: number): TypedArray {
    const { memory, assembled } = this.compiled;
    const known = this.views.get(number);
    if (known && known.buffer === memory.wasm.buffer) return known;
    const { dtype, shape } = this.value(number);
    const view = memory.view(dtype, assembled.values[number] as number, sizeOf(shape));
    this.views.set(number, view);
    return view;
  }

  private writeConstant(program: Program, value: number, address: number): void {
    const { dtype, shape, storage } = program.values[value] as Value;
    if (storage.kind !== 'constant') return;
    writeHost(this.compiled.memory.view(dtype, address, sizeOf(shape)), dtype, storage.value);
  }
}
