import type { DType } from '../graph/dtype.js';
import type { HostTensor } from '../graph/host-tensor.js';
import type { KnownShape } from '../graph/shape.js';
import type { Node, Tensor } from '../graph/tensor.js';
import type { Refused } from './fuse/fuse.js';
import type { Kernel } from './loop-ir.js';
import type { RegionLowering } from './lowering.js';
import type { Template } from './template.js';

/** Where a value lies. */
export type Storage =
  | { readonly kind: 'arena'; readonly offset: number }
  | { readonly kind: 'input'; readonly index: number }
  /** Of a body: memory that is given for each turn, so that results are made where they belong. */
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'variable'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: HostTensor };

export interface Value {
  readonly dtype: DType;
  readonly shape: KnownShape;
  readonly storage: Storage;
}

/** Values are numbered; an instruction reads `inputs` and writes `outputs`. */
export type Instruction = {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** For errors, traces and explain. */
  readonly where: string;
  /** Of several instructions in one: where each of them comes from. */
  readonly parts?: readonly string[];
} & (
  | { readonly kind: 'loop'; readonly kernel: Kernel }
  /**
   * `finish`: what becomes of each element of the result before it is stored. Its axes are [rows, columns], columns the last axis of
   * the result and rows all others; its body has no loops and starts with the element in register 0. Its buffers are the last inputs
   * of the instruction and all its outputs, the first of which is dense and float32.
   */
  | { readonly kind: 'template'; readonly template: Template; readonly finish?: Kernel }
  /**
   * One kernel of one axis, run over several parts that do not depend on each other: part p has `extents[p]` positions, and its operands
   * are the p-th of the inputs and of the outputs, which lie part after part. The kernel's own extent is that of the first part.
   */
  | { readonly kind: 'sweep'; readonly kernel: Kernel; readonly extents: readonly number[] }
  /** `programs`: whenTrue and whenFalse, condition and body, or body. */
  | {
      readonly kind: 'region';
      readonly region: RegionLowering;
      readonly programs: readonly Program[];
    }
  | { readonly kind: 'host'; readonly node: Node }
  | { readonly kind: 'send'; readonly key: string }
  | { readonly kind: 'receive'; readonly key: string }
);

/** What a device compiles: instructions in order over values at fixed places. */
export interface Program {
  readonly values: readonly Value[];
  readonly instructions: readonly Instruction[];
  /** Neighbours that could not become one kernel, and why. */
  readonly refused?: readonly Refused[];
  /** The instructions from here on run when the whole run has succeeded: they write variables themselves. */
  readonly commitFrom: number;
  /** Values that are written from outside before a run. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly variables: readonly Tensor[];
  /** Variables that take a copy of a value when the whole run has succeeded; all copies read before any instruction writes. */
  readonly commits: readonly { readonly variable: number; readonly value: number }[];
  readonly arenaBytes: number;
  /** Largest sum of bytes that are alive together: no plan can need less. */
  readonly leastBytes: number;
}
