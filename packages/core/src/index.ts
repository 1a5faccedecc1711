export { type GradientOptions, type GradientsOf, gradients } from './autodiff/gradients.js';
export * from './checkpoint/index.js';
export type { Device, DeviceBuffer, Executable, RunContext, Transfers } from './devices/device.js';
export { runHostFunction } from './devices/host-function.js';
export { js } from './devices/js/device.js';
export { readHost, writeHost } from './devices/memory.js';
export * from './errors.js';
export * from './graph/index.js';
/** Builders of loop kernels, for the `lower` of one's own ops. */
export * as loops from './lower/kernel-builder.js';
/** What a device compiles. */
export type * from './lower/loop-ir.js';
export { lowerPart, type Part, variablesOf } from './lower/lower.js';
export type { KnownSpec, Lowering, RegionLowering } from './lower/lowering.js';
export type { Instruction, Program, Storage, Value } from './lower/program.js';
export { type ScalarFunction, scalarFunctions } from './lower/scalar.js';
export type * from './lower/template.js';
export { allOps } from './ops/all-ops.js';
export { type BinaryOp, defineBinary, defineUnary, type UnaryOp } from './ops/elementwise.js';
export * from './ops/index.js';
export * from './optimizers/index.js';
export { parseOptions } from './options.js';
export * from './placement/index.js';
export { Threefry } from './random/threefry.js';
export * from './runtime/index.js';
export { Rendezvous } from './runtime/rendezvous.js';
export * from './serialize/index.js';
export type { VariableLayout } from './sharding/layout.js';
