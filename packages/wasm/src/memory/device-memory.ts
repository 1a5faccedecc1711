import { type DType, dtypes, GraphError, type TypedArray } from '@tenon/core';
import { mostPages, type WasmMemory, webAssembly } from '../encoder/webassembly.js';
import { FreeList } from './free-list.js';

const pageBytes = 65536;

/** Bytes at the start of the memory that belong to the threads' control words. */
export const controlBytes = 4096;

/** Bytes behind the highest block, as the last vector of a value is read whole. */
const spareBytes = 64;

/** The linear memory of a device: variables and the blocks of its programs. It grows as it is needed, and is never given back. */
export class DeviceMemory {
  readonly wasm: WasmMemory;
  readonly shared: boolean;
  private readonly name: string;
  private readonly limit: number;
  private readonly taken: FreeList;

  constructor({ name, shared, bytes }: { name: string; shared: boolean; bytes: number }) {
    this.name = name;
    this.shared = shared;
    this.limit = bytes;
    this.wasm = new webAssembly.Memory({ initial: 1, maximum: mostPages, shared });
    this.taken = new FreeList(controlBytes, Math.floor(bytes / pageBytes) * pageBytes - spareBytes);
  }

  /** The address of `bytes` bytes, which hold anything. Errors: DEVICE_LIMIT. */
  allocate(bytes: number, what: string): number {
    return this.allocateRow([bytes], what)[0] as number;
  }

  /** Addresses of blocks that lie one after the other. Errors: DEVICE_LIMIT. */
  allocateRow(bytes: readonly number[], what: string): number[] {
    const all = bytes.reduce((sum, size) => sum + size, 0);
    const addresses = this.taken.allocateRow(bytes);
    if (addresses === undefined) throw this.full(all, what);
    const missing = this.taken.top + spareBytes - this.wasm.buffer.byteLength;
    if (missing > 0) {
      try {
        this.wasm.grow(Math.ceil(missing / pageBytes));
      } catch {
        for (const address of addresses) this.taken.free(address);
        throw this.full(all, what);
      }
    }
    return addresses;
  }

  free(address: number): void {
    this.taken.free(address);
  }

  view(dtype: DType, address: number, count: number): TypedArray {
    return new dtypes[dtype].device(this.wasm.buffer, address, count);
  }

  words(address: number, count: number): Int32Array {
    return new Int32Array(this.wasm.buffer, address, count);
  }

  private full(bytes: number, what: string): GraphError {
    return new GraphError('DEVICE_LIMIT', this.name, {
      what: `${what} would take ${bytes} bytes more; the device has ${this.limit} in all.`,
      fix: 'use a smaller batch or model, or place parts on another device.',
    });
  }
}
