import type { DType, Kernel, Template, TemplateKind, TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';

/** What an instruction says besides its template. */
export interface Given {
  /** What becomes of each element of the result before it is stored. */
  readonly finish?: Kernel;
  /** Dtypes of the template's inputs. */
  readonly inputs: readonly DType[];
}

/** Writes the body of the kernel of a template. */
export type EmitTemplate<K extends TemplateKind> = (
  template: TemplateOf<K>,
  kernel: KernelFunction,
  given?: Given,
) => Code;

const finished: ReadonlySet<TemplateKind> = new Set<TemplateKind>([
  'gemm',
  'conv',
  'convInputGradient',
  'pool',
  'averagePoolGradient',
  'maxPoolGradient',
]);

/** Whether the kernel of a template can finish its elements while they are in registers or in the cache. */
export const takesFinish = ({ kind, dtype }: Template): boolean =>
  dtype === 'float32' && finished.has(kind);
