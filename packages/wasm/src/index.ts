export { type WasmOptions, wasm } from './device.js';
export { wasmWorks } from './encoder/compile.js';
