import type { DType } from '../graph/dtype.js';
import type { Func } from '../graph/func.js';
import type { HostTensor } from '../graph/host-tensor.js';
import type { KnownShape } from '../graph/shape.js';
import type { Kernel } from './loop-ir.js';
import type { Template } from './template.js';

/** dtype and shape when every size is known. */
export interface KnownSpec {
  readonly dtype: DType;
  readonly shape: KnownShape;
}

type Known<T> = T extends readonly unknown[] ? readonly KnownSpec[] : KnownSpec;

export interface LowerContext<Inputs, Attributes> {
  readonly inputs: { readonly [K in keyof Inputs]: Known<Inputs[K]> };
  readonly attrs: Attributes;
  readonly outputs: readonly KnownSpec[];
  readonly output: KnownSpec;
}

/** The bodies of control flow; each is compiled as a program of its own. */
export type RegionLowering =
  /** inputs: predicate, captures. One branch runs. */
  | { readonly region: 'cond'; readonly whenTrue: Func; readonly whenFalse: Func }
  /** inputs: carries, captures. `condition` and `body` take carries and captures. */
  | {
      readonly region: 'while';
      readonly condition: Func;
      readonly body: Func;
      readonly carries: number;
      readonly limit: number;
    }
  /** inputs: carries, sequences, captures; outputs: last carries, stacked results. */
  | {
      readonly region: 'scan';
      readonly body: Func;
      readonly carries: number;
      readonly sequences: number;
      readonly length: number;
      readonly reverse: boolean;
    }
  /** inputs: parameters. */
  | { readonly region: 'call'; readonly body: Func };

/** What a node becomes on a device. */
export type Lowering =
  | { readonly kind: 'loop'; readonly kernel: Kernel }
  | { readonly kind: 'template'; readonly template: Template }
  /** The output is the input's memory under another shape. */
  | { readonly kind: 'alias'; readonly input: number }
  | { readonly kind: 'constant'; readonly value: HostTensor }
  | { readonly kind: 'region'; readonly region: RegionLowering }
  /** Between the parts of a run. */
  | { readonly kind: 'send'; readonly key: string }
  | { readonly kind: 'receive'; readonly key: string }
  /** Runs for its inputs' sake; the output is empty. */
  | { readonly kind: 'nothing' };
