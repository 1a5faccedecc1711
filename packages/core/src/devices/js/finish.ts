import type { TypedArray } from '../../graph/dtype.js';
import { load, nest } from '../../lower/kernel-builder.js';
import type { Kernel } from '../../lower/loop-ir.js';
import type { Template } from '../../lower/template.js';
import { interpretKernel } from './interpreter.js';
import { compileTemplate } from './templates/index.js';
import type { TemplateKernel } from './templates/kernel.js';

interface Finished {
  readonly template: Template;
  readonly finish: Kernel;
  /** Those of the template, then those of the finish. */
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
}

/** A template into memory of its own, then what becomes of each element. */
export function compileFinished({ template, finish, inputs, outputs }: Finished): TemplateKernel {
  const own = inputs.length - finish.buffers.filter(({ access }) => access === 'read').length;
  const elements = finish.axes.reduce((all, { extent }) => all * extent, 1);
  const result = new Float32Array(elements);
  const compute = compileTemplate(template, inputs.slice(0, own), [result]);
  const apply = interpretKernel(overElements(finish), [...inputs.slice(own), ...outputs, result]);
  return (context) => {
    compute(context);
    apply();
  };
}

/** A finish as a kernel that loads the elements from a buffer after its own. */
function overElements(finish: Kernel): Kernel {
  const [, columns] = finish.axes as [Kernel['axes'][number], Kernel['axes'][number]];
  const element = load(finish.buffers.length, 'float32', {
    offset: 0,
    strides: [columns.extent, 1],
  });
  return {
    ...finish,
    buffers: [...finish.buffers, { dtype: 'float32', access: 'read' }],
    body: nest([0, 1], [{ kind: 'set', register: 0, value: element }, ...finish.body]),
  };
}
