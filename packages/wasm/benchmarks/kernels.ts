/**
 * What each kernel of a training step takes by itself on one thread, with its data in the caches as far as they hold it:
 * node --import tsx --conditions=@tenon/source packages/wasm/benchmarks/kernels.ts [case] [--seconds s]
 */
import { parseArgs } from 'node:util';
import {
  dtypes,
  type Instruction,
  type Program,
  sizeOf,
  type TypedArray,
  type Value,
} from '@tenon/core';
import * as tn from 'tenon';
import { models } from '../../../benchmarks/models.js';
import { emitLoopKernel } from '../src/loops/loop-kernel.js';
import { costOf, programCost } from '../src/program/cost.js';
import { emitTemplate } from '../src/templates/index.js';
import { runKernel } from '../test/run-kernel.js';

const { values: options, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '0.05' } },
  allowPositionals: true,
});
const [name = 'cnn_mnist'] = positionals;
const found = models[name];
if (!found) throw new Error(`there is no case ${name}; cases: ${Object.keys(models).join(', ')}`);

const programs: Program[] = [];
const device = tn.wasm({ threads: 1 });
const compile = device.compile.bind(device);
device.compile = (program, variables) => {
  programs.push(program);
  return compile(program, variables);
};
const session = new tn.Session({ devices: [device], seed: 1 });
tn.setDefaultSession(session);
const model = found.model();
model.compile({ optimizer: found.optimizer, loss: found.loss });
const { x, y } = found.data(found.batch);
await model.fit(x, y, { epochs: 1, batchSize: found.batch, verbose: 0 });
const step = programs.reduce((a, b) => (programCost(a) >= programCost(b) ? a : b));

interface Row {
  readonly microseconds: number;
  readonly turns: number;
  readonly estimate: number;
  readonly what: string;
}

const rows: Row[] = [];
measure(step, 1);
rows.sort((a, b) => b.microseconds * b.turns - a.microseconds * a.turns);
const total = rows.reduce((all, { microseconds, turns }) => all + microseconds * turns, 0);
console.log(`${name}: ${(total / 1000).toFixed(2)} ms in ${rows.length} kernels`);
for (const { microseconds, turns, estimate, what } of rows.slice(0, 40)) {
  const share = ((100 * microseconds * turns) / total).toFixed(1).padStart(5);
  const each = microseconds.toFixed(1).padStart(9);
  console.log(
    `${share} % ${each} us x ${String(turns).padEnd(3)} (guess ${(estimate / 1000).toFixed(0)})  ${what}`,
  );
}
session.close();
device.close();

function measure(program: Program, turns: number): void {
  for (const instruction of program.instructions) {
    if (instruction.kind === 'region') {
      const { region } = instruction;
      const inner = region.region === 'scan' ? region.length : 1;
      for (const body of instruction.programs) measure(body, turns * inner);
    } else if (instruction.kind === 'loop' || instruction.kind === 'template') {
      rows.push({ ...timed(program, instruction), turns });
    } else if (instruction.kind === 'sweep') {
      const { kernel, extents, inputs, outputs } = instruction;
      const [ins, outs] = [inputs.length / extents.length, outputs.length / extents.length];
      extents.forEach((extent, part) => {
        const one: Instruction = {
          kind: 'loop',
          kernel: { ...kernel, axes: [{ extent, role: 'parallel' }] },
          inputs: inputs.slice(part * ins, (part + 1) * ins),
          outputs: outputs.slice(part * outs, (part + 1) * outs),
          where: instruction.where,
        };
        rows.push({ ...timed(program, one), turns });
      });
    }
  }
}

function timed(
  program: Program,
  instruction: Extract<Instruction, { kind: 'loop' | 'template' }>,
): Omit<Row, 'turns'> {
  const value = (number: number) => program.values[number] as Value;
  const array = (number: number): TypedArray => {
    const { dtype, shape } = value(number);
    const filled = new dtypes[dtype].device(sizeOf(shape));
    if (dtype === 'float32') filled.forEach((_, i) => ((filled as Float32Array)[i] = Math.sin(i)));
    return filled;
  };
  const inputs = instruction.inputs.map(array);
  const outputs = instruction.outputs.map(array);
  const { seconds } = runKernel(
    (k) =>
      instruction.kind === 'loop'
        ? emitLoopKernel(instruction.kernel, k)
        : emitTemplate(
            instruction.template,
            k,
            instruction.finish,
            instruction.inputs.map((number) => value(number).dtype),
          ),
    { inputs, outputs, relaxedSimd: relaxed(), seconds: Number(options.seconds) },
  );
  return {
    microseconds: seconds * 1e6,
    estimate: costOf(instruction),
    what: described(program, instruction),
  };
}

function relaxed(): boolean {
  return (device as tn.Device & { relaxedSimd: boolean }).relaxedSimd;
}

function described(program: Program, instruction: Instruction): string {
  const shape = (number: number) => `[${(program.values[number] as Value).shape}]`;
  const sizes = `${instruction.inputs.map(shape).join(' ')} -> ${instruction.outputs.map(shape).join(' ')}`;
  const kind =
    instruction.kind === 'template'
      ? `${instruction.template.kind}${instruction.finish ? '+finish' : ''}`
      : 'loop';
  return `${kind} ${instruction.where} ${sizes}`;
}
