import { GraphError } from '../../errors.js';
import type { TypedArray } from '../../graph/dtype.js';
import type { RegionLowering } from '../../lower/lowering.js';
import type { Instruction, Program, Value } from '../../lower/program.js';
import { Threefry } from '../../random/threefry.js';
import type { RunContext } from '../device.js';
import { allocated } from '../memory.js';

/** A nested program ready to run. */
export interface Body {
  run(context: RunContext): void | Promise<void>;
  /** The view of output `index`. */
  result(index: number): TypedArray;
}

/** Compiles a nested program that reads its inputs from these views. */
export type CompileBody = (program: Program, inputs: readonly TypedArray[]) => Body;

type RegionInstruction = Extract<Instruction, { kind: 'region' }>;
type RegionOf<K extends RegionLowering['region']> = Extract<RegionLowering, { region: K }>;
type Run = (context: RunContext) => void;

interface Bound<K extends RegionLowering['region']> {
  readonly region: RegionOf<K>;
  readonly programs: readonly Program[];
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
  readonly where: string;
  readonly nested: CompileBody;
}

/** Control flow: nested programs that read the values around them where they lie. */
export function compileRegion(
  { region, programs, where }: RegionInstruction,
  { inputs, outputs, nested }: Pick<Bound<never>, 'inputs' | 'outputs' | 'nested'>,
): Run {
  const bound = { region, programs, inputs, outputs, where, nested };
  return table[region.region](bound as never);
}

const table = { cond, while: whileLoop, scan, call } satisfies {
  [K in RegionLowering['region']]: (bound: Bound<K>) => Run;
};

const cipher = new Threefry();

/** The context of the body at index `t` of a loop. */
function inIteration(context: RunContext, t: number): RunContext {
  const [k0, k1] = context.iteration ?? [0, 0];
  cipher.setKey(k0, k1);
  cipher.block(t, 0);
  return { ...context, iteration: [cipher.word0, cipher.word1] };
}

const copy = (from: TypedArray, to: TypedArray): void =>
  (to as Float32Array).set(from as Float32Array);

function copyOutputs(executable: Body, targets: readonly TypedArray[]): void {
  targets.forEach((target, i) => copy(executable.result(i), target));
}

function call({ nested, programs, inputs, outputs }: Bound<'call'>): Run {
  const body = nested(programs[0] as Program, inputs);
  return (context) => {
    body.run(context);
    copyOutputs(body, outputs);
  };
}

function cond({ nested, programs, inputs, outputs }: Bound<'cond'>): Run {
  const [predicate, ...captures] = inputs as [TypedArray, ...TypedArray[]];
  const [whenTrue, whenFalse] = programs.map((program) => nested(program, captures)) as [
    Body,
    Body,
  ];
  return (context) => {
    const branch = Number(predicate[0]) !== 0 ? whenTrue : whenFalse;
    branch.run(context);
    copyOutputs(branch, outputs);
  };
}

const inputMemory = (program: Program, from: number, to: number): TypedArray[] =>
  program.inputs.slice(from, to).map((value) => allocated(program.values[value] as Value));

function whileLoop({ nested, region, programs, inputs, outputs, where }: Bound<'while'>): Run {
  const [test, step] = programs as [Program, Program];
  const state = inputMemory(step, 0, region.carries);
  const captures = inputs.slice(region.carries);
  const condition = nested(test, [...state, ...captures]);
  const body = nested(step, [...state, ...captures]);
  return (context) => {
    state.forEach((cell, i) => copy(inputs[i] as TypedArray, cell));
    for (let turn = 0; ; turn++) {
      condition.run(inIteration(context, turn));
      if (Number(condition.result(0)[0]) === 0) break;
      if (turn >= region.limit) {
        throw new GraphError('RUN_FAILED', where, {
          what: `the loop did not end within ${region.limit} turns.`,
          fix: 'raise maximumIterations, or mend the condition.',
        });
      }
      body.run(inIteration(context, turn));
      carry(body, state);
    }
    outputs.forEach((output, i) => copy(state[i] as TypedArray, output));
  };
}

// A new carry may be an old one under another name, so all are read before any is written.
function carry(body: Body, state: readonly TypedArray[]): void {
  const memory = new Set(state.map(({ buffer }) => buffer));
  const values = state.map((_, i) => {
    const value = body.result(i);
    return memory.has(value.buffer) ? value.slice() : value;
  });
  state.forEach((cell, i) => copy(values[i] as TypedArray, cell));
}

function scan({ nested, region, programs, inputs, outputs }: Bound<'scan'>): Run {
  const { carries, sequences, length, reverse } = region;
  const [program] = programs as [Program];
  const state = inputMemory(program, 0, carries);
  const slices = inputMemory(program, carries, carries + sequences);
  const body = nested(program, [...state, ...slices, ...inputs.slice(carries + sequences)]);
  const stacked = outputs.slice(carries);
  return (context) => {
    state.forEach((cell, i) => copy(inputs[i] as TypedArray, cell));
    for (let turn = 0; turn < length; turn++) {
      const t = reverse ? length - 1 - turn : turn;
      slices.forEach((slice, i) =>
        copy(rowOf(inputs[carries + i] as TypedArray, t, slice.length), slice),
      );
      body.run(inIteration(context, t));
      stacked.forEach((target, i) =>
        copy(body.result(carries + i), rowOf(target, t, target.length / length)),
      );
      carry(body, state);
    }
    state.forEach((cell, i) => copy(cell, outputs[i] as TypedArray));
  };
}

const rowOf = (array: TypedArray, row: number, size: number): TypedArray =>
  array.subarray(row * size, (row + 1) * size) as TypedArray;
