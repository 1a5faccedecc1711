import {
  type Device,
  type DeviceBuffer,
  dtypes,
  type Executable,
  HostTensor,
  type KnownSpec,
  type Program,
  parseOptions,
  readHost,
  sizeOf,
  writeHost,
} from '@tenon/core';
import { z } from 'zod';
import { compileModule, supportsRelaxedSimd } from './encoder/compile.js';
import { WasmExecutable } from './executable.js';
import { DeviceMemory } from './memory/device-memory.js';
import { assemble } from './program/assemble.js';
import { programCost } from './program/cost.js';
import type { KernelCache } from './program/kernel-table.js';
import { takesFinish } from './templates/template.js';
import { mostThreads } from './threads/control.js';
import { availableThreads, sharedMemoryWorks } from './threads/count.js';
import { ThreadPool } from './threads/pool.js';

const mostBytes = 2 ** 32 - 65536;

const wasmOptions = z.strictObject({
  index: z.int().nonnegative().default(0),
  threads: z.int().positive().optional(),
  relaxedSimd: z.boolean().default(true),
  deterministic: z.boolean().default(false),
  bytes: z.int().positive().max(mostBytes).default(mostBytes),
});

export interface WasmOptions {
  /** Number of the device among those of its kind. Default 0. */
  readonly index?: number | undefined;
  /** Threads that compute, the calling one included: 32 at most, 1 where threads can not share memory. Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /** Multiply-adds that round once, where the host has them. Default true. */
  readonly relaxedSimd?: boolean | undefined;
  /** The same bits on every host, not only for every number of threads: no relaxed SIMD. Default false. */
  readonly deterministic?: boolean | undefined;
  /** The most memory, in bytes; 4 GiB less one page at most, which is the default. */
  readonly bytes?: number | undefined;
}

interface WasmBuffer extends DeviceBuffer {
  readonly address: number;
}

// Waking threads takes some microseconds.
const worthThreads = 15_000;

interface DeviceSettings {
  readonly index: number;
  readonly threads: number;
  readonly relaxedSimd: boolean;
  readonly bytes: number;
}

/** The default device: a whole program as one WebAssembly module over one memory, run by several threads. */
export class WasmDevice implements Device {
  readonly kind = 'wasm';
  readonly synchronous = true;
  readonly fuses = true;
  readonly finishes = takesFinish;
  readonly sweeps = true;
  readonly name: string;
  readonly limits: { readonly bytes: number };
  readonly threads: number;
  readonly relaxedSimd: boolean;
  private readonly memory: DeviceMemory;
  private readonly pool: ThreadPool;
  private readonly cache: KernelCache = new Map();

  constructor({ index, threads, relaxedSimd, bytes }: DeviceSettings) {
    this.name = `wasm:${index}`;
    this.limits = { bytes };
    this.threads = threads;
    this.relaxedSimd = relaxedSimd;
    this.memory = new DeviceMemory({ name: this.name, shared: threads > 1, bytes });
    this.pool = new ThreadPool({ memory: this.memory.wasm, threads });
  }

  allocate(spec: KnownSpec): DeviceBuffer {
    return this.allocateRow([spec])[0] as DeviceBuffer;
  }

  allocateRow(specs: readonly KnownSpec[]): DeviceBuffer[] {
    const bytes = specs.map(({ dtype, shape }) => sizeOf(shape) * dtypes[dtype].bytes);
    const addresses = this.memory.allocateRow(bytes, 'variables');
    return specs.map((spec, i): WasmBuffer => ({ spec, address: addresses[i] as number }));
  }

  write(buffer: DeviceBuffer, value: HostTensor): void {
    writeHost(this.view(buffer), buffer.spec.dtype, value);
  }

  read(buffer: DeviceBuffer): HostTensor {
    const { dtype, shape } = buffer.spec;
    return new HostTensor(readHost(this.view(buffer), dtype), shape, dtype);
  }

  free(buffer: DeviceBuffer): void {
    this.memory.free((buffer as WasmBuffer).address);
  }

  compile(program: Program, variables: readonly DeviceBuffer[]): Executable {
    const { memory, pool, relaxedSimd, cache } = this;
    const assembled = assemble(program, {
      relaxedSimd,
      shared: memory.shared,
      threads: this.threads,
      cache,
      variables: variables.map((buffer) => (buffer as WasmBuffer).address),
      allocate: (bytes) => memory.allocate(bytes, 'the values of this run'),
    });
    const threads = programCost(program) < worthThreads ? 1 : this.threads;
    try {
      const module = compileModule(assembled.bytes);
      return new WasmExecutable({ program, assembled, module, memory, pool, threads });
    } catch (error) {
      memory.free(assembled.address);
      throw error;
    }
  }

  close(): void {
    this.pool.close();
  }

  private view(buffer: DeviceBuffer) {
    const { dtype, shape } = buffer.spec;
    return this.memory.view(dtype, (buffer as WasmBuffer).address, sizeOf(shape));
  }
}

/**
 * The WebAssembly device as an option of a session: `new Session({ devices: [wasm({ threads: 2 })] })`.
 * Errors: ATTRIBUTE_INVALID.
 */
export function wasm(options: WasmOptions = {}): Device {
  const { index, deterministic, bytes, ...given } = parseOptions('wasm', wasmOptions, options);
  const most = availableThreads();
  const threads = Math.min(given.threads ?? most, sharedMemoryWorks() ? mostThreads : 1);
  const relaxedSimd = !deterministic && given.relaxedSimd && supportsRelaxedSimd();
  return new WasmDevice({ index, threads, relaxedSimd, bytes });
}
