/** Everything of Tenon under one name: the graph engine, the Keras-style API, the data sets and the default device. */
import { js, setDefaultDevices } from '@tenon/core';
import { wasm, wasmWorks } from '@tenon/wasm';

export * from '@tenon/core';
export * from '@tenon/data';
export * from '@tenon/layers';
export { type WasmOptions, wasm } from '@tenon/wasm';

/** Sessions without devices of their own run on WebAssembly, and on plain JavaScript where a host has no SIMD. */
setDefaultDevices(() => [wasmWorks() ? wasm() : js()]);
