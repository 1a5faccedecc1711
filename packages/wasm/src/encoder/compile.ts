import { ModuleBuilder } from './module.js';
import { f32x4 } from './simd.js';
import { webAssembly } from './webassembly.js';

/** Whether this host runs relaxed SIMD, after a flag was set where it needs one. */
export function supportsRelaxedSimd(): boolean {
  const module = new ModuleBuilder();
  const one = f32x4.const(1);
  module.add({ params: [], results: ['v128'] }, () => f32x4.relaxedMadd(one, one, one));
  return webAssembly.validate(module.encode());
}
