import type { DType, Kernel, TemplateKind, TemplateOf } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { emitArgReduce } from './arg-reduce.js';
import { emitAttention, emitAttentionGradient } from './attention.js';
import { emitConv, emitConvFilterGradient, emitConvInputGradient } from './conv.js';
import { emitCumulative } from './cumulative.js';
import { emitGather } from './gather.js';
import { emitGemm } from './gemm.js';
import { emitInRange } from './in-range.js';
import { emitAveragePoolGradient, emitMaxPoolGradient, emitPool } from './pool.js';
import { emitMaxPoolIndex, emitMaxPoolSelect } from './pool-select.js';
import { emitRandomBits } from './random-bits.js';
import { emitScatter } from './scatter.js';
import { emitSort } from './sort.js';
import type { EmitTemplate } from './template.js';

const emitters: { readonly [K in TemplateKind]: EmitTemplate<K> } = {
  gemm: emitGemm,
  conv: emitConv,
  convInputGradient: emitConvInputGradient,
  convFilterGradient: emitConvFilterGradient,
  pool: emitPool,
  averagePoolGradient: emitAveragePoolGradient,
  maxPoolGradient: emitMaxPoolGradient,
  maxPoolSelect: emitMaxPoolSelect,
  maxPoolIndex: emitMaxPoolIndex,
  gather: (template, k, given) => emitGather(template, k, given?.inputs),
  inRange: emitInRange,
  scatter: (template, k, given) => emitScatter(template, k, given?.inputs),
  sort: emitSort,
  cumulative: emitCumulative,
  argReduce: emitArgReduce,
  attention: emitAttention,
  attentionGradient: emitAttentionGradient,
  randomBits: emitRandomBits,
};

/** Writes the body of a template's kernel. `inputs` are the dtypes of the template's inputs. */
export function emitTemplate<K extends TemplateKind>(
  template: TemplateOf<K>,
  k: KernelFunction,
  finish?: Kernel,
  inputs: readonly DType[] = [],
): Code {
  const emit = emitters[template.kind] as EmitTemplate<K>;
  return emit(template, k, finish ? { finish, inputs } : { inputs });
}
