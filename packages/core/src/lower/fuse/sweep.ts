import type { Kernel } from '../loop-ir.js';
import type { Instruction } from '../program.js';

type Loop = Extract<Instruction, { kind: 'loop' }>;

export interface Sweeping {
  readonly instructions: readonly Instruction[];
  /** The first that writes variables. */
  readonly from: number;
  /** By value: a number that values in the same memory share. */
  readonly memoryOf: (value: number) => number;
}

/**
 * Kernels over elements that differ in nothing but the number of elements and where they lie, as one instruction: an optimizer
 * passes over all its variables together.
 */
export function sweep({ instructions, from, memoryOf }: Sweeping): Instruction[] {
  const last = instructions.slice(from);
  const touched = new Touched(last, memoryOf);
  const groups = new Map<string, Loop[]>();
  for (const instruction of last) {
    if (instruction.kind !== 'loop' || !isFlat(instruction.kernel)) continue;
    if (!touched.byItAlone(instruction)) continue;
    const key = keyOf(instruction.kernel);
    const group = groups.get(key);
    if (group) group.push(instruction);
    else groups.set(key, [instruction]);
  }
  const sweeps = new Map<Instruction, Instruction | null>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    for (const part of group) sweeps.set(part, null);
    sweeps.set(group[0] as Loop, sweepOf(group));
  }
  const swept = last.flatMap((instruction) => {
    const found = sweeps.get(instruction);
    return found === undefined ? [instruction] : found ? [found] : [];
  });
  return [...instructions.slice(0, from), ...swept];
}

/** Whether a kernel is one loop over elements. */
function isFlat({ axes, buffers, body }: Kernel): boolean {
  const [only] = body;
  return (
    axes.length === 1 &&
    axes[0]?.role === 'parallel' &&
    body.length === 1 &&
    only?.kind === 'for' &&
    only.body.every(({ kind }) => kind === 'set' || kind === 'store') &&
    buffers.every(({ access }) => access !== 'row')
  );
}

const keyOf = ({ buffers, registers, body }: Kernel): string =>
  JSON.stringify([buffers, registers, body], (_, value) =>
    typeof value === 'bigint' || (typeof value === 'number' && !isPlain(value))
      ? `${typeof value} ${Object.is(value, -0) ? '-0' : value}`
      : value,
  );

// JSON has no infinities and no negative zero.
const isPlain = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0);

function sweepOf(group: readonly Loop[]): Instruction {
  const [first] = group as [Loop];
  return {
    kind: 'sweep',
    kernel: first.kernel,
    extents: group.map(({ kernel }) => kernel.axes[0]?.extent ?? 0),
    inputs: group.flatMap(({ inputs }) => inputs),
    outputs: group.flatMap(({ outputs }) => outputs),
    where: first.where,
    parts: first.parts ?? [first.where],
  };
}

/** What memory instructions read and write. */
class Touched {
  private readonly readers = new Map<number, Set<Instruction>>();
  private readonly writers = new Map<number, Set<Instruction>>();
  private readonly memoryOf: (value: number) => number;

  constructor(instructions: readonly Instruction[], memoryOf: (value: number) => number) {
    this.memoryOf = memoryOf;
    for (const instruction of instructions) {
      for (const value of instruction.inputs) this.note(this.readers, value, instruction);
      for (const value of instruction.outputs) this.note(this.writers, value, instruction);
    }
  }

  /** Whether nobody else writes what it reads, or reads or writes what it writes: then it may run at any time. */
  byItAlone(instruction: Instruction): boolean {
    const alone = (touching: Map<number, Set<Instruction>>) => (value: number) => {
      const found = touching.get(this.memoryOf(value));
      return !found || [...found].every((one) => one === instruction);
    };
    return (
      instruction.inputs.every(alone(this.writers)) &&
      instruction.outputs.every(alone(this.writers)) &&
      instruction.outputs.every(alone(this.readers))
    );
  }

  private note(
    touching: Map<number, Set<Instruction>>,
    value: number,
    instruction: Instruction,
  ): void {
    const memory = this.memoryOf(value);
    const found = touching.get(memory);
    if (found) found.add(instruction);
    else touching.set(memory, new Set([instruction]));
  }
}
