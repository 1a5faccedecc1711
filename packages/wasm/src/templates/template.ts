import type { TemplateKind, TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';

/** Writes the body of the kernel of a template. */
export type EmitTemplate<K extends TemplateKind> = (
  template: TemplateOf<K>,
  kernel: KernelFunction,
) => Code;
