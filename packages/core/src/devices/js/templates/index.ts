import type { TypedArray } from '../../../graph/dtype.js';
import type { Template, TemplateKind } from '../../../lower/template.js';
import { compileArgReduce } from './arg-reduce.js';
import { compileAttention, compileAttentionGradient } from './attention.js';
import { compileConv, compileConvFilterGradient, compileConvInputGradient } from './conv.js';
import { compileCumulative } from './cumulative.js';
import { compileGather } from './gather.js';
import { compileGemm } from './gemm.js';
import { compileHalf } from './half.js';
import { compileInRange } from './in-range.js';
import type { CompileTemplate, TemplateKernel } from './kernel.js';
import {
  compileAveragePoolGradient,
  compileMaxPoolGradient,
  compileMaxPoolIndex,
  compileMaxPoolSelect,
  compilePool,
} from './pool.js';
import { compileRandomBits } from './random.js';
import { compileScatter } from './scatter.js';
import { compileSort } from './sort.js';

const templates = {
  gemm: compileGemm,
  conv: compileConv,
  convInputGradient: compileConvInputGradient,
  convFilterGradient: compileConvFilterGradient,
  pool: compilePool,
  averagePoolGradient: compileAveragePoolGradient,
  maxPoolGradient: compileMaxPoolGradient,
  maxPoolSelect: compileMaxPoolSelect,
  maxPoolIndex: compileMaxPoolIndex,
  gather: compileGather,
  inRange: compileInRange,
  scatter: compileScatter,
  sort: compileSort,
  cumulative: compileCumulative,
  argReduce: compileArgReduce,
  attention: compileAttention,
  attentionGradient: compileAttentionGradient,
  randomBits: compileRandomBits,
} satisfies { readonly [K in TemplateKind]: CompileTemplate<K> };

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
  const compile = templates[template.kind] as CompileTemplate<TemplateKind>;
  return compile(template as never, inputs, outputs);
}
