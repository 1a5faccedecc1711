export * from './errors.js';
export * from './graph/index.js';
export { allOps } from './ops/all-ops.js';
export * from './ops/index.js';
export * from './optimizers/index.js';
export * from './runtime/index.js';
export { gradients, type GradientOptions } from './autodiff/gradients.js';
export { js } from './devices/js/device.js';
export type { Device, DeviceBuffer, Executable, RunContext } from './devices/device.js';
