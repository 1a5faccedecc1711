import {
  type DType,
  dtypes,
  type Instruction,
  type Program,
  sizeOf,
  type Value,
} from '@tenon/core';
import { contextLayout } from '../emit/kernel-function.js';

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export const bytesOf = ({ dtype, shape }: { dtype: DType; shape: readonly number[] }): number =>
  sizeOf(shape) * dtypes[dtype].bytes;

/** Memory of a program within the block of the whole, in bytes from its start. */
export interface Frame {
  readonly program: Program;
  readonly context: number;
  readonly arena: number;
  readonly constants: ReadonlyMap<number, number>;
  /** Cells of instructions that need some of their own: carries of loops, predicates, addresses for the host. */
  readonly cells: ReadonlyMap<number, readonly number[]>;
  /** The nested programs of instructions. */
  readonly children: ReadonlyMap<number, readonly Frame[]>;
}

/** Lays out a program with all that are nested in it. Arenas of bodies follow that around; bodies that never run together share. */
export class FrameLayout {
  /** Bytes of what must keep its place: constants, contexts, cells. */
  private kept = 0;
  private highest = 0;

  /** Where arenas begin: when all that is kept is known, `arenaBase` is added to each. */
  frame(program: Program, context = this.keep(contextLayout.bytes), arena = 0): Frame {
    const constants = new Map<number, number>();
    program.values.forEach((value, i) => {
      if (value.storage.kind === 'constant') constants.set(i, this.keep(bytesOf(value)));
    });
    const after = arena + aligned(program.arenaBytes);
    this.highest = Math.max(this.highest, after);
    const cells = new Map<number, number[]>();
    const children = new Map<number, Frame[]>();
    program.instructions.forEach((instruction, i) => {
      cells.set(
        i,
        cellBytes(instruction, program).map((bytes) => this.keep(bytes)),
      );
      if (instruction.kind !== 'region') return;
      const loops = instruction.region.region === 'scan' || instruction.region.region === 'while';
      const inner = loops ? this.keep(contextLayout.bytes) : context;
      children.set(
        i,
        instruction.programs.map((body) => this.frame(body, inner, after)),
      );
    });
    return { program, context, arena, constants, cells, children };
  }

  keep(bytes: number): number {
    const at = this.kept;
    this.kept += aligned(bytes);
    return at;
  }

  get keptBytes(): number {
    return this.kept;
  }

  get arenaBytes(): number {
    return this.highest;
  }
}

/** Bytes of the cells of an instruction: a loop's second memory for each carry, a condition's result, addresses for the host. */
function cellBytes(instruction: Instruction, { values }: Program): number[] {
  switch (instruction.kind) {
    case 'host':
    case 'send':
      return [4 * (instruction.inputs.length + instruction.outputs.length)];
    case 'region': {
      const { region } = instruction;
      if (region.region !== 'scan' && region.region !== 'while') return [];
      const carried = instruction.inputs.slice(0, region.carries);
      const seconds = carried.map((value) => bytesOf(values[value] as Value));
      return region.region === 'while' ? [...seconds, 8] : seconds;
    }
    default:
      return [];
  }
}
