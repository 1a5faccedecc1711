import { builtinModule } from './builtin-module.js';
import { ModuleBuilder } from './module.js';
import { f32x4 } from './simd.js';
import { type WasmModule, webAssembly } from './webassembly.js';

// Liftoff's code is several times slower than optimised code, and functions compiled lazily would be compiled inside of the first run.
const optimised = ['--no-liftoff', '--no-wasm-lazy-compilation'];
const usual = ['--liftoff', '--wasm-lazy-compilation'];

function setFlags(flags: readonly string[]): void {
  const v8 = builtinModule('node:v8');
  try {
    for (const flag of flags) v8?.setFlagsFromString(flag);
  } catch {
    // Hosts other than Node may have the module without its functions, and need no flags.
  }
}

/** Compiles a module so that its first run is as fast as the later ones, where the host lets it. */
export function compileModule(bytes: Uint8Array): WasmModule {
  setFlags(optimised);
  try {
    return new webAssembly.Module(bytes);
  } finally {
    setFlags(usual);
  }
}

function validatesRelaxedSimd(): boolean {
  const module = new ModuleBuilder();
  const one = f32x4.const(1);
  module.add({ params: [], results: ['v128'] }, () => f32x4.relaxedMadd(one, one, one));
  return webAssembly.validate(module.encode());
}

/** Whether this host runs WebAssembly with vector instructions, which the device needs. */
export function wasmWorks(): boolean {
  if (webAssembly === undefined) return false;
  const module = new ModuleBuilder();
  module.add({ params: [], results: ['v128'] }, () => f32x4.const(1));
  return webAssembly.validate(module.encode());
}

let relaxedSimd: boolean | undefined;

/** Whether this host runs relaxed SIMD; where Node has it behind a flag, the flag is set. */
export function supportsRelaxedSimd(): boolean {
  relaxedSimd ??= validatesRelaxedSimd() || relaxedSimdWithFlag();
  return relaxedSimd;
}

function relaxedSimdWithFlag(): boolean {
  setFlags(['--experimental-wasm-relaxed-simd']);
  const works = validatesRelaxedSimd();
  if (!works) setFlags(['--no-experimental-wasm-relaxed-simd']);
  return works;
}
