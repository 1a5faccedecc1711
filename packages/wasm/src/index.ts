export { type WasmOptions, wasm } from './device.js';
