/**
 * What each instruction of a training step takes inside the step, where its data is wherever the step left it: the difference between a
 * step that ends before it and one that ends after it, for numbers of threads beside each other:
 * node --import tsx --conditions=@tenon/source packages/wasm/benchmarks/in-step.ts [case] [--threads 1,2] [--rounds n]
 */
import { parseArgs } from 'node:util';
import type { Device, DeviceBuffer, Executable, Instruction, Program, Value } from '@tenon/core';
import * as tn from 'tenon';
import { models } from '../../../benchmarks/models.js';
import { programCost } from '../src/program/cost.js';

const { values: options, positionals } = parseArgs({
  options: {
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '25' },
  },
  allowPositionals: true,
});
const [name = 'cnn_mnist'] = positionals;
const found = models[name];
if (!found) throw new Error(`there is no case ${name}; cases: ${Object.keys(models).join(', ')}`);

interface Step {
  readonly device: Device;
  readonly program: Program;
  readonly variables: readonly DeviceBuffer[];
  readonly session: tn.Session;
}

/** The training step of the case on so many threads, which has run once. */
async function stepOn(
  threads: number,
  { model: build, optimizer, loss, data, batch }: typeof found,
) {
  const device = tn.wasm({ threads });
  const compiled: { program: Program; variables: readonly DeviceBuffer[] }[] = [];
  const compile = device.compile.bind(device);
  device.compile = (program, variables) => {
    compiled.push({ program, variables });
    return compile(program, variables);
  };
  const session = new tn.Session({ devices: [device], seed: 1 });
  const model = build();
  model.compile({ optimizer, loss, session });
  const { x, y } = data(batch);
  await model.fit(x, y, { epochs: 2, batchSize: batch, verbose: 0 });
  device.compile = compile;
  const largest = compiled.reduce((a, b) =>
    programCost(a.program) >= programCost(b.program) ? a : b,
  );
  return { device, session, ...largest };
}

const context = { seed: [1, 2], step: 1 } as never;

/** Executables of the first 0, 1, 2, ... instructions. */
function beginnings({ device, program, variables }: Step): Executable[] {
  return Array.from({ length: program.instructions.length + 1 }, (_, count) => {
    const instructions = program.instructions.slice(0, count);
    const part = { ...program, instructions, commitFrom: count, commits: [], outputs: [] };
    return device.compile(part, variables);
  });
}

const threads = options.threads.split(',').map(Number);
const steps = await Promise.all(threads.map((count) => stepOn(count, found)));
const columns = steps.map((step) => {
  const executables = beginnings(step);
  const best = executables.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < Number(options.rounds); round++) {
    executables.forEach((executable, i) => {
      void executable.run(context);
      const start = performance.now();
      void executable.run(context);
      best[i] = Math.min(best[i] as number, performance.now() - start);
    });
  }
  return best.slice(1).map((value, i) => value - (best[i] as number));
});

const { program } = steps[0] as Step;
const total = columns.map((column) => column.reduce((all, value) => all + value, 0));
const figures = (values: readonly number[]) =>
  values.map((value) => `${value.toFixed(3).padStart(8)} ms`).join(' ');
console.log(`${figures(total)}  ${name} on ${threads.join(' and ')} threads`);
program.instructions.forEach((instruction, i) => {
  console.log(
    `${figures(columns.map((column) => column[i] as number))}  ${described(instruction)}`,
  );
});
for (const { session, device } of steps) {
  session.close();
  device.close();
}

function described(instruction: Instruction): string {
  const shapes = (numbers: readonly number[]) =>
    numbers.map((number) => `[${(program.values[number] as Value).shape}]`).join(' ');
  const kind = instruction.kind === 'template' ? instruction.template.kind : instruction.kind;
  const finish = instruction.kind === 'template' && instruction.finish ? '+finish' : '';
  return `${kind}${finish} ${instruction.where} ${shapes(instruction.inputs)} -> ${shapes(instruction.outputs)}`;
}
