import type { DType, Instruction } from '@tenon/core';
import { KernelFunction, kernelParams, type Target } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { FunctionBuilder } from '../encoder/function.js';
import type { ModuleBuilder } from '../encoder/module.js';
import { emitLoopKernel, emitSweptPart } from '../loops/loop-kernel.js';
import { emitTemplate } from '../templates/index.js';

export type KernelInstruction = Extract<Instruction, { kind: 'loop' | 'template' | 'sweep' }>;

export const isKernel = (instruction: Instruction): instruction is KernelInstruction =>
  instruction.kind === 'loop' || instruction.kind === 'template' || instruction.kind === 'sweep';

/** A kernel that is written, without its place in a module. */
interface Written {
  readonly code: Code;
  readonly buffers: number;
  readonly sharedBytes: number;
  readonly ownBytes: number;
  readonly fallible: boolean;
  /** How many rows the threads share, where that is all that they do: see `KernelFunction.shareRows`. */
  readonly sharedRows: number | undefined;
}

export interface PlacedKernel extends Omit<Written, 'code'> {
  /** Of the function in the module. */
  readonly index: number;
}

/** Kernels that a device has written lately: equal ones are written once, whatever program they are in. */
export type KernelCache = Map<string, Written>;

/** Of some kilobytes each; those that were not asked for the longest make room. */
const mostKernels = 1024;

/** The kernels of one module: equal instructions over other memory share a function. */
export class KernelTable {
  sharedBytes = 0;
  ownBytes = 0;
  private readonly module: ModuleBuilder;
  private readonly target: Target;
  private readonly cache: KernelCache;
  private readonly placed = new Map<string, PlacedKernel>();

  constructor(module: ModuleBuilder, target: Target, cache: KernelCache) {
    this.module = module;
    this.target = target;
    this.cache = cache;
  }

  /** The kernel of an instruction whose inputs have these dtypes. */
  get(instruction: KernelInstruction, dtypes: readonly DType[]): PlacedKernel {
    const key = keyOf(instruction, dtypes);
    const known = this.placed.get(key);
    if (known) return known;
    const { code, ...written } = this.written(key, instruction, dtypes);
    const signature = { params: kernelParams(written.buffers), results: [] };
    const kernel = { ...written, index: this.module.addEncoded(signature, code) };
    this.sharedBytes = Math.max(this.sharedBytes, kernel.sharedBytes);
    this.ownBytes = Math.max(this.ownBytes, kernel.ownBytes);
    this.placed.set(key, kernel);
    return kernel;
  }

  /** How many functions it holds. */
  get size(): number {
    return this.placed.size;
  }

  private written(key: string, instruction: KernelInstruction, dtypes: readonly DType[]): Written {
    const known = this.cache.get(key);
    if (known) return this.kept(key, known);
    const parts = instruction.kind === 'sweep' ? instruction.extents.length : 1;
    const inputs = instruction.inputs.length / parts;
    const buffers = inputs + instruction.outputs.length / parts;
    const f = new FunctionBuilder(kernelParams(buffers));
    const kernel = new KernelFunction(f, this.target, inputs);
    const code = f.encode(body(instruction, kernel, dtypes));
    const { sharedBytes, ownBytes, fallible, sharedRows } = kernel;
    const written = { code, buffers, sharedBytes, ownBytes, fallible, sharedRows };
    return this.kept(key, written);
  }

  /** A map is in the order in which its entries were made. */
  private kept(key: string, written: Written): Written {
    const { cache } = this;
    cache.delete(key);
    cache.set(key, written);
    if (cache.size > mostKernels) cache.delete(cache.keys().next().value as string);
    return written;
  }
}

function body(instruction: KernelInstruction, k: KernelFunction, dtypes: readonly DType[]): Code {
  switch (instruction.kind) {
    case 'loop':
      return emitLoopKernel(instruction.kernel, k);
    case 'sweep':
      return emitSweptPart(instruction.kernel, k);
    case 'template':
      return emitTemplate(instruction.template, k, instruction.finish, dtypes);
  }
}

/** What decides the code of a kernel: of a part of a sweep not its extent. */
function decisive(instruction: KernelInstruction, dtypes: readonly DType[]): unknown {
  switch (instruction.kind) {
    case 'loop':
      return instruction.kernel;
    case 'sweep':
      return { ...instruction.kernel, axes: [] };
    case 'template':
      return [instruction.template, instruction.finish, dtypes];
  }
}

// JSON has no bigints, infinities or negative zero, which are constants like others here; and `where` changes no code.
function keyOf(instruction: KernelInstruction, dtypes: readonly DType[]): string {
  const { kind, inputs } = instruction;
  const count = kind === 'sweep' ? inputs.length / instruction.extents.length : inputs.length;
  return `${kind} ${count} ${JSON.stringify(decisive(instruction, dtypes), (name, value) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (name === 'where') return undefined;
    if (typeof value !== 'number') return value;
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : `number ${Object.is(value, -0) ? '-0' : value}`;
  })}`;
}
