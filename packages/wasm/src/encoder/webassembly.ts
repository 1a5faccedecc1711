/** The part of the host's WebAssembly interface that is used here; it is the same in Node and in browsers. */
interface Host {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, WasmFunction>> };
  readonly Memory: new (descriptor: {
    initial: number;
    maximum: number;
    shared: boolean;
  }) => WasmMemory;
}

/** Compiled code; threads pass it to each other as it is. */
export type WasmModule = { readonly brand?: 'module' };

export type WasmFunction = (...args: number[]) => number;

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Adds pages of 64 KiB and gives their number before. */
  grow(pages: number): number;
}

export const webAssembly: Host = (globalThis as unknown as { WebAssembly: Host }).WebAssembly;

/** Pages of 64 KiB that a 32-bit memory can have. */
export const mostPages = 65536;
