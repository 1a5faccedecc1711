import { dtypes, type TypedArray } from '../../graph/dtype.js';
import { HostTensor } from '../../graph/host-tensor.js';
import { sizeOf } from '../../graph/shape.js';
import type { Instruction, Program, Value } from '../../lower/program.js';
import type { Executable, RunContext } from '../device.js';
import { runHostFunction } from '../host-function.js';
import { allocated, isHalf, readHost, viewOf, writeHost } from '../memory.js';
import { compileFinished } from './finish.js';
import { interpretKernel } from './interpreter.js';
import { compileRegion } from './region.js';
import { compileTemplate } from './templates/index.js';

/** One instruction ready to run; a promise only where it waits for another device. */
export type Step = (context: RunContext) => void | Promise<void>;

/** A new value of a variable. */
interface Commit {
  readonly from: TypedArray;
  /** Where the new value waits if it lies in another variable, which may be set before it is copied from. */
  readonly kept: TypedArray | undefined;
  readonly to: TypedArray;
}

/** A program bound to memory: one arena, a view on it for every value, one closure for every instruction. */
export class JsExecutable implements Executable {
  private readonly program: Program;
  private readonly variables: readonly TypedArray[];
  /** By value; none where no instruction is left that uses it. */
  private readonly views: TypedArray[];
  private readonly steps: readonly Step[];
  private readonly commits: readonly Commit[];
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
    this.views = [];
    for (const value of usedValues(program))
      this.views[value] = this.view(program.values[value] as Value, arena, own);
    this.steps = program.instructions.map((instruction) => this.compile(instruction));
    this.commits = program.commits.map((commit) => this.commitOf(commit));
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

  input(index: number): TypedArray | undefined {
    return this.hostView(this.program.inputs[index] as number);
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

  output(index: number): TypedArray | undefined {
    return this.hostView(this.program.outputs[index] as number);
  }

  /** The view of output `index`, for the program around. */
  result(index: number): TypedArray {
    return this.views[this.program.outputs[index] as number] as TypedArray;
  }

  commit(): void {
    const { commits, steps } = this;
    for (let i = 0; i < commits.length; i++) {
      const { from, kept } = commits[i] as Commit;
      if (kept) (kept as Float32Array).set(from as Float32Array);
    }
    for (let i = this.program.commitFrom; i < steps.length; i++)
      void (steps[i] as Step)(this.context);
    for (let i = 0; i < commits.length; i++) {
      const { from, kept, to } = commits[i] as Commit;
      (to as Float32Array).set((kept ?? from) as Float32Array);
    }
  }

  free(): void {}

  private hostView(number: number): TypedArray | undefined {
    return isHalf((this.program.values[number] as Value).dtype) ? undefined : this.views[number];
  }

  private commitOf({ variable, value }: Program['commits'][number]): Commit {
    const from = this.views[value] as TypedArray;
    const shared = (this.program.values[value] as Value).storage.kind === 'variable';
    return {
      from,
      kept: shared ? from.slice() : undefined,
      to: this.variables[variable] as TypedArray,
    };
  }

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
      case 'sweep':
        return sweepOver(instruction, inputs, outputs);
      case 'template':
        return instruction.finish
          ? compileFinished({ ...instruction, finish: instruction.finish, inputs, outputs })
          : compileTemplate(instruction.template, inputs, outputs);
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
      const received = await rendezvous.receive(key, this.hostView(output));
      const view = this.views[output] as TypedArray;
      if (received.data !== view) writeHost(view, dtype, received);
    };
  }
}

/** The parts of a sweep one after the other. */
function sweepOver(
  { kernel, extents }: Extract<Instruction, { kind: 'sweep' }>,
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
): Step {
  const [read, written] = [inputs.length / extents.length, outputs.length / extents.length];
  const parts = extents.map((extent, part) =>
    interpretKernel({ ...kernel, axes: [{ extent, role: 'parallel' }] }, [
      ...inputs.slice(part * read, (part + 1) * read),
      ...outputs.slice(part * written, (part + 1) * written),
    ]),
  );
  return () => {
    for (const run of parts) run();
  };
}

function usedValues({ instructions, inputs, outputs, commits }: Program): Set<number> {
  const places = instructions.flatMap((instruction) => [
    ...instruction.inputs,
    ...instruction.outputs,
  ]);
  return new Set([...places, ...inputs, ...outputs, ...commits.map(({ value }) => value)]);
}

/** A nested program, which reads its inputs where they lie. */
const nested = (program: Program, inputs: readonly TypedArray[]): JsExecutable =>
  new JsExecutable(program, [], inputs);

// A value that shares memory with another may have another dtype of the same size.
const retyped = (view: TypedArray, dtype: Value['dtype']): TypedArray =>
  view instanceof dtypes[dtype].device
    ? view
    : viewOf(dtype, view.buffer, view.byteOffset, view.length);
