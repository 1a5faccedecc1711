import { GraphError } from '../../../errors.js';
import type { TypedArray } from '../../../graph/dtype.js';
import type { Template, TemplateKind } from '../../../lower/template.js';
import { compileGemm } from './gemm.js';
import { compileHalf } from './half.js';
import type { CompileTemplate, TemplateKernel } from './kernel.js';

const templates: { readonly [K in TemplateKind]?: CompileTemplate<K> } = {
  gemm: compileGemm,
};

/** Binds a template to the arrays of its inputs and outputs; the kernel that comes back allocates nothing. */
export function compileTemplate(
  template: Template,
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
): TemplateKernel {
  const { dtype } = template;
  if (dtype === 'float16' || dtype === 'bfloat16') {
    return compileHalf(compileTemplate, { ...template, dtype }, { inputs, outputs });
  }
  const compile = templates[template.kind] as CompileTemplate<TemplateKind> | undefined;
  if (!compile) {
    throw new GraphError('DEVICE_LIMIT', `js device`, { what: `has no ${template.kind} kernel.` });
  }
  return compile(template as never, inputs, outputs);
}
