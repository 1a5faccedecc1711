import { dtypes, type TypedArray } from '../../graph/dtype.js';
import { HostTensor } from '../../graph/host-tensor.js';
import { sizeOf } from '../../graph/shape.js';
import type { Instruction, Program, Value } from '../../lower/program.js';
import type { Executable, RunContext } from '../device.js';
import { runHostFunction } from '../host-function.js';
import { allocated, readHost, viewOf, writeHost } from '../memory.js';
import { interpretKernel } from './interpreter.js';
import { compileRegion } from './region.js';
import { compileTemplate } from './templates/index.js';

/** One instruction ready to run; a promise only where it waits for another device. */
export type Step = (context: RunContext) => void | Promise<void>;

/** A program bound to memory: one arena, a view on it for every value, one closure for every instruction. */
export class JsExecutable implements Executable {
  private readonly program: Program;
  private readonly variables: readonly TypedArray[];
  private readonly views: readonly TypedArray[];
  private readonly steps: readonly Step[];
  private readonly waits: boolean;
  private context!: RunContext;
  /** Memory of outputs that have their own. */
  private readonly made: ArrayBuffer[] = [];

  /** `inputs`, where given, are views of the program around that this one reads its inputs from. */
  constructor(program: Program, variables: readonly TypedArray[], inputs?: readonly TypedArray[]) {
    this.program = program;
    this.variables = variables;
    const arena = new ArrayBuffer(program.arenaBytes);
    const own = inputs ?? program.inputs.map((value) => allocated(program.values[value] as Value));
    this.views = program.values.map((value) => this.view(value, arena, own));
    this.steps = program.instructions.map((instruction) => this.compile(instruction));
    this.waits = program.instructions.some(({ kind }) => kind === 'receive');
  }

  write(index: number, value: HostTensor): void {
    const number = this.program.inputs[index] as number;
    writeHost(
      this.views[number] as TypedArray,
      (this.program.values[number] as Value).dtype,
      value,
    );
  }

  run(context: RunContext): void | Promise<void> {
    if (this.waits) return this.runWaiting(context);
    const { steps } = this;
    const { commitFrom } = this.program;
    for (let i = 0; i < commitFrom; i++) (steps[i] as Step)(context);
    this.context = context;
  }

  private async runWaiting(context: RunContext): Promise<void> {
    this.context = context;
    for (const step of this.steps.slice(0, this.program.commitFrom)) {
      const wait = step(context);
      if (wait) await wait;
    }
  }

  read(index: number): HostTensor {
    return this.host(this.program.outputs[index] as number);
  }

  /** The view of output `index`, for the program around. */
  output(index: number): TypedArray {
    return this.views[this.program.outputs[index] as number] as TypedArray;
  }

  commit(): void {
    const { commits, values } = this.program;
    // A new value may lie in another variable, which may be set before it is copied from.
    const sources = commits.map(({ value }) => {
      const view = this.views[value] as TypedArray;
      return (values[value] as Value).storage.kind === 'variable' ? view.slice() : view;
    });
    for (const step of this.steps.slice(this.program.commitFrom)) void step(this.context);
    commits.forEach(({ variable }, i) => {
      (this.variables[variable] as Float32Array).set(sources[i] as Float32Array);
    });
  }

  free(): void {}

  private host(number: number): HostTensor {
    const { dtype, shape } = this.program.values[number] as Value;
    return new HostTensor(readHost(this.views[number] as TypedArray, dtype), shape, dtype);
  }

  private outputMemory(index: number): ArrayBuffer {
    const { dtype, shape } = this.program.values[this.program.outputs[index] as number] as Value;
    this.made[index] ??= new ArrayBuffer(sizeOf(shape) * dtypes[dtype].bytes);
    return this.made[index];
  }

  private view(
    { dtype, shape, storage }: Value,
    arena: ArrayBuffer,
    inputs: readonly TypedArray[],
  ): TypedArray {
    switch (storage.kind) {
      case 'arena':
        return viewOf(dtype, arena, storage.offset, sizeOf(shape));
      case 'constant': {
        const view = allocated({ dtype, shape });
        writeHost(view, dtype, storage.value);
        return view;
      }
      case 'output':
        return viewOf(dtype, this.outputMemory(storage.index), 0, sizeOf(shape));
      case 'input':
        return retyped(inputs[storage.index] as TypedArray, dtype);
      case 'variable':
        return retyped(this.variables[storage.index] as TypedArray, dtype);
    }
  }

  private compile(instruction: Instruction): Step {
    const inputs = instruction.inputs.map((value) => this.views[value] as TypedArray);
    const outputs = instruction.outputs.map((value) => this.views[value] as TypedArray);
    switch (instruction.kind) {
      case 'loop':
        return interpretKernel(instruction.kernel, [...inputs, ...outputs]);
      case 'template':
        return compileTemplate(instruction.template, inputs, outputs);
      case 'region':
        return compileRegion(instruction, { inputs, outputs, nested });
      case 'host':
        return this.hostFunction(instruction, outputs);
      case 'send':
        return ({ rendezvous }) =>
          rendezvous.send(instruction.key, this.host(instruction.inputs[0] as number));
      case 'receive':
        return this.receive(instruction.key, instruction.outputs[0] as number);
    }
  }

  private hostFunction(
    { node, inputs }: Extract<Instruction, { kind: 'host' }>,
    outputs: readonly TypedArray[],
  ): Step {
    return () => {
      const given = inputs.map((value) => this.host(value));
      runHostFunction(node, given).forEach((value, i) => {
        writeHost(outputs[i] as TypedArray, value.dtype, value);
      });
    };
  }

  private receive(key: string, output: number): Step {
    const { dtype } = this.program.values[output] as Value;
    return async ({ rendezvous }) => {
      writeHost(this.views[output] as TypedArray, dtype, await rendezvous.receive(key));
    };
  }
}

/** A nested program, which reads its inputs where they lie. */
const nested = (program: Program, inputs: readonly TypedArray[]): JsExecutable =>
  new JsExecutable(program, [], inputs);

// A value that shares memory with another may have another dtype of the same size.
const retyped = (view: TypedArray, dtype: Value['dtype']): TypedArray =>
  view instanceof dtypes[dtype].device
    ? view
    : viewOf(dtype, view.buffer, view.byteOffset, view.length);
