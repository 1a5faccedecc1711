import type { Instruction } from '../program.js';
import type { Form } from './form/form.js';
import { type Operand, writeFinish, writeKernel } from './form/write-kernel.js';
import { finishForm } from './join/finish.js';
import type { Unit } from './units.js';

/** A unit as an instruction. `numberOf` gives the number of a value of a dtype. */
export function instructionOf(unit: Unit, numberOf: (operand: Operand) => number): Instruction {
  const { form, instruction, template } = unit;
  if (!form) return instruction;
  const parts = unit.parts.length > 1 ? { parts: unit.parts } : {};
  if (template) {
    if (unit.parts.length === 1) return template;
    const { kernel, inputs, outputs } = writeFinish(finishForm(form, unit.result) as Form);
    return {
      ...template,
      ...parts,
      where: template.where,
      finish: kernel,
      inputs: [...template.inputs, ...inputs.map(numberOf)],
      outputs: outputs.map(numberOf),
    };
  }
  const asItWas = unit.parts.length === 1 && instruction.kind === 'loop' && form === unit.original;
  if (asItWas && instruction.kernel.body.length === 1) return instruction;
  const { kernel, inputs, outputs } = writeKernel(form);
  return {
    kind: 'loop',
    kernel,
    where: instruction.where,
    ...parts,
    inputs: inputs.map(numberOf),
    outputs: outputs.map(numberOf),
  };
}
