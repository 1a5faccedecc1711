import type { TypedArray } from '../../../graph/dtype.js';
import type { TemplateKind, TemplateOf } from '../../../lower/template.js';

/** What a template reads of the run that it is part of. */
export interface TemplateContext {
  readonly seed: readonly [number, number];
  readonly step: number;
  readonly iteration?: readonly [number, number];
}

export type TemplateKernel = (context: TemplateContext) => void;

/** Binds a template to its memory. All scratch is allocated here; the kernel that comes back allocates nothing. */
export type CompileTemplate<K extends TemplateKind> = (
  template: TemplateOf<K>,
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
) => TemplateKernel;
